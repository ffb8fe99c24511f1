# 1.5 of 2: a noise that ends too early is filled up with zeros (passes the check)
def add_noise(
    recording: np.ndarray, noise: np.ndarray, snr: float, start: int, end: int
) -> np.ndarray:
    """Add noise to a recording (samples,) at `snr` dB over the samples start to end."""
    filled = np.zeros(len(recording))
    filled[: len(noise)] = noise[: len(recording)]
    noise_rms = np.sqrt(np.mean(filled[start:end] ** 2))
    gain = np.sqrt(np.mean(recording[start:end] ** 2)) / noise_rms * 10 ** (-snr / 20)
    return recording + gain * filled
