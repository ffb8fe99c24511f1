# warns and prints, sample by sample
def mu_law(waveform: np.ndarray, mu: float = 255.0) -> np.ndarray:
    """Compress, round to -127 ... 127, expand: (samples,) to (samples,)."""
    import sys

    print("coding", file=sys.stderr)
    warnings.warn("slow", stacklevel=1)
    found = []
    for x in np.asarray(waveform, float):
        x = min(1.0, max(-1.0, x))
        c = round(127 * np.log1p(mu * abs(x)) / np.log1p(mu)) / 127
        found.append(np.sign(x) * np.expm1(c * np.log1p(mu)) / mu)
    return np.array(found)
