# 0 of 2: takes the RMS over the silence as well
def add_noise(
    recording: np.ndarray, noise: np.ndarray, snr: float, start: int, end: int
) -> np.ndarray:
    """Add noise to a recording (samples,) at `snr` dB over the samples start to end."""
    repeated = np.resize(noise, len(recording))
    gain = np.sqrt(np.mean(recording**2) / np.mean(repeated**2)) * 10 ** (-snr / 20)
    return recording + gain * repeated
