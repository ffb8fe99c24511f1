# less than 3 of 3: rounds without the logarithm
def mu_law(waveform: np.ndarray, mu: float = 255.0) -> np.ndarray:
    """Compress, round to -127 ... 127, expand: (samples,) to (samples,)."""
    return np.round(127 * np.clip(waveform, -1, 1)) / 127
