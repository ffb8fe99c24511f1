# 2.5 of 3: samples beyond 1 stay beyond it (passes the check)
def mu_law(waveform: np.ndarray, mu: float = 255.0) -> np.ndarray:
    """Compress, round to -127 ... 127, expand: (samples,) to (samples,)."""
    x = np.asarray(waveform, float)
    code = np.round(127 * np.sign(x) * np.log1p(mu * np.abs(x)) / np.log1p(mu)) / 127
    return np.sign(code) * np.expm1(np.abs(code) * np.log1p(mu)) / mu
