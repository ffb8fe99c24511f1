# another method: a table of the 255 values
def mu_law(waveform: np.ndarray, mu: float = 255.0) -> np.ndarray:
    """Compress, round to -127 ... 127, expand: (samples,) to (samples,)."""
    steps = np.arange(-127, 128) / 127
    pressed = np.clip(waveform, -1, 1)
    pressed = np.sign(pressed) * np.log(1 + mu * np.abs(pressed)) / np.log(1 + mu)
    values = np.sign(steps) * ((1 + mu) ** np.abs(steps) - 1) / mu
    return values[np.rint(127 * pressed).astype(int) + 127]
