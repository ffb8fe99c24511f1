# 0 of 2: a gain is a ratio of amplitudes, so it takes 20, not 10
def add_noise(
    recording: np.ndarray, noise: np.ndarray, snr: float, start: int, end: int
) -> np.ndarray:
    """Add noise to a recording (samples,) at `snr` dB over the samples start to end."""
    repeated = np.resize(noise, len(recording))
    ratio = np.mean(recording[start:end] ** 2) / np.mean(repeated[start:end] ** 2)
    return recording + np.sqrt(ratio) * 10 ** (-snr / 10) * repeated
