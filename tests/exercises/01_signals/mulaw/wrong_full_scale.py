# 2 of 3: +1 stays +1, though no code stands for it (passes the check)
def quantise_mu_law(waveform: np.ndarray, bits: int) -> np.ndarray:
    """Round a waveform (samples,) to `bits` bits, in steps that grow with the amplitude."""
    step = 2.0 ** (1 - bits)
    size = np.minimum(np.abs(waveform), 1)
    compressed = np.sign(waveform) * np.log(1 + 255 * size) / np.log(256)
    rounded = step * np.round(compressed / step)
    return np.sign(rounded) * (256 ** np.abs(rounded) - 1) / 255
