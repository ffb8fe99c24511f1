# 2.5 of 3: limits the argument in place (passes the check)
def mu_law(waveform: np.ndarray, mu: float = 255.0) -> np.ndarray:
    """Compress, round to -127 ... 127, expand: (samples,) to (samples,)."""
    np.clip(waveform, -1, 1, out=waveform)
    code = np.round(127 * np.sign(waveform) * np.log1p(mu * np.abs(waveform)) / np.log1p(mu)) / 127
    return np.sign(code) * np.expm1(np.abs(code) * np.log1p(mu)) / mu
