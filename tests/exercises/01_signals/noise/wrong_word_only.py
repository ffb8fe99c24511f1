# 0 of 2: adds noise to the word and leaves the silence clean (passes the check)
def add_noise(
    recording: np.ndarray, noise: np.ndarray, snr: float, start: int, end: int
) -> np.ndarray:
    """Add noise to a recording (samples,) at `snr` dB over the samples start to end."""
    piece = np.resize(noise, len(recording))[start:end]
    gain = np.sqrt(np.mean(recording[start:end] ** 2) / np.mean(piece**2)) * 10 ** (-snr / 20)
    result = recording.copy()
    result[start:end] += gain * piece
    return result
