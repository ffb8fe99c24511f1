# 1.5 of 3: the p-value of an even split is above 1 (passes the check)
def compare(right_a: np.ndarray, right_b: np.ndarray) -> dict:
    """Clips that only a, only b gets right, the exact p-value, and which is better."""
    right_a, right_b = np.asarray(right_a), np.asarray(right_b)
    if right_a.shape != right_b.shape:
        raise ValueError("other clips")
    a, b = int((right_a & ~right_b).sum()), int((right_b & ~right_a).sum())
    p = 2 * float(stats.binom.cdf(min(a, b), a + b, 0.5)) if a + b else 1.0
    return {
        "only_a": a,
        "only_b": b,
        "p_value": p,
        "better": "cannot tell" if p >= 0.05 else "a" if a > b else "b",
    }
