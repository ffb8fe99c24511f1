# another method: a difference of logarithms
def ppmi(counts: np.ndarray, power: float) -> np.ndarray:
    """Positive PMI, (words, contexts); the sums of the contexts are raised to `power`."""
    c = np.asarray(counts, float)
    s = c.sum(0) ** power
    with np.errstate(all="ignore"):
        pmi = np.log(c) - np.log(c.sum(1))[:, None] - (np.log(s) - np.log(s.sum()))
    return np.where((c > 0) & (pmi > 0), pmi, 0.0)
