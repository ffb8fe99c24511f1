# 2.5 of 3: changes what it was given (passes the check)
def ppmi(counts: np.ndarray, power: float) -> np.ndarray:
    """Positive PMI, (words, contexts); the sums of the contexts are raised to `power`."""
    if counts.dtype != float:
        counts = counts.astype(float)
    s = counts.sum(axis=0) ** power
    chance = counts.sum(axis=1, keepdims=True) * s / s.sum()
    met = counts > 0
    counts[met] = np.maximum(np.log(counts[met] / chance[met]), 0)
    return counts
