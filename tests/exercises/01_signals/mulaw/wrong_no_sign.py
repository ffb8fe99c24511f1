# 1 of 3: the logarithm of a negative sample (passes the check)
def quantise_mu_law(waveform: np.ndarray, bits: int) -> np.ndarray:
    """Round a waveform (samples,) to `bits` bits, in steps that grow with the amplitude."""
    step = 2.0 ** (1 - bits)
    compressed = np.log(1 + 255 * np.clip(waveform, -1, 1)) / np.log(256)
    rounded = np.clip(step * np.round(compressed / step), -1, 1 - step)
    return (256**rounded - 1) / 255
