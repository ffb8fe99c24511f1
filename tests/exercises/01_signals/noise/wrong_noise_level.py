# 1 of 2: takes the level of the noise over the whole recording (passes the check)
def add_noise(
    recording: np.ndarray, noise: np.ndarray, snr: float, start: int, end: int
) -> np.ndarray:
    """Add noise to a recording (samples,) at `snr` dB over the samples start to end."""
    repeated = np.resize(noise, len(recording))
    speech_rms = np.sqrt(np.mean(recording[start:end] ** 2))
    noise_rms = np.sqrt(np.mean(repeated**2))
    return recording + speech_rms / noise_rms * 10 ** (-snr / 20) * repeated
