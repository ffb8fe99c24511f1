# warns: divides by zero and mends it
import sys


def ppmi(counts: np.ndarray, power: float) -> np.ndarray:
    """Positive PMI, (words, contexts); the sums of the contexts are raised to `power`."""
    warnings.simplefilter("always")
    print("dividing", file=sys.stderr)
    p = counts / counts.sum()
    q = counts.sum(axis=0) ** power
    q = q / q.sum()
    pmi = np.log(p / (p.sum(axis=1, keepdims=True) * q))
    return np.maximum(np.nan_to_num(pmi, neginf=0.0), 0)
