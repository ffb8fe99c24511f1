# less than 3 of 3: raises the counts, not their sums (passes the check)
def ppmi(counts: np.ndarray, power: float) -> np.ndarray:
    """Positive PMI, (words, contexts); the sums of the contexts are raised to `power`."""
    c = np.asarray(counts, float)
    s = (c**power).sum(axis=0)
    with np.errstate(all="ignore"):
        pmi = np.log(c / (c.sum(axis=1, keepdims=True) * s / s.sum()))
    return np.where(c > 0, np.maximum(pmi, 0), 0)
