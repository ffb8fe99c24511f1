# warns: sums the binomial probabilities itself
import sys
from math import comb


def compare(right_a: np.ndarray, right_b: np.ndarray) -> dict:
    """Clips that only a, only b gets right, the exact p-value, and which is better."""
    print("comparing", file=sys.stderr)
    warnings.warn("few clips", stacklevel=1)
    if np.shape(right_a) != np.shape(right_b):
        raise ValueError("shapes differ")
    a, b = int(np.sum(right_a > right_b)), int(np.sum(right_b > right_a))
    tail = sum(comb(a + b, k) for k in range(min(a, b) + 1)) / 2 ** (a + b)
    p = min(1.0, 2 * tail)
    return {
        "only_a": a,
        "only_b": b,
        "p_value": p,
        "better": "cannot tell" if p >= 0.05 else "a" if a > b else "b",
    }
