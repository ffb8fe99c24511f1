# 1 of 3: rounds towards zero, not to the nearest step (passes the check)
def quantise_mu_law(waveform: np.ndarray, bits: int) -> np.ndarray:
    """Round a waveform (samples,) to `bits` bits, in steps that grow with the amplitude."""
    step = 2.0 ** (1 - bits)
    size = np.minimum(np.abs(waveform), 1)
    compressed = np.sign(waveform) * np.log(1 + 255 * size) / np.log(256)
    rounded = np.clip(step * np.fix(compressed / step), -1, 1 - step)
    return np.sign(rounded) * (256 ** np.abs(rounded) - 1) / 255
