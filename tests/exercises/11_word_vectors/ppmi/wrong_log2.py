# 0 of 3: another logarithm
def ppmi(counts: np.ndarray, power: float) -> np.ndarray:
    """Positive PMI, (words, contexts); the sums of the contexts are raised to `power`."""
    c = np.asarray(counts, float)
    s = c.sum(axis=0) ** power
    with np.errstate(all="ignore"):
        pmi = np.log2(c / (c.sum(axis=1, keepdims=True) * s / s.sum()))
    return np.where(c > 0, np.maximum(pmi, 0), 0)
