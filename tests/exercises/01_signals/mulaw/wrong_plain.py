# 0 of 3: equal steps, as in the chapter
def quantise_mu_law(waveform: np.ndarray, bits: int) -> np.ndarray:
    """Round a waveform (samples,) to `bits` bits, in steps that grow with the amplitude."""
    step = 2.0 ** (1 - bits)
    codes = np.clip(np.round(waveform / step), -(2 ** (bits - 1)), 2 ** (bits - 1) - 1)
    return codes * step
