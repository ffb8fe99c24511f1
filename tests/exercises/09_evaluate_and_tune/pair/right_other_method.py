# another method: SciPy's binomial test
def compare(right_a: np.ndarray, right_b: np.ndarray) -> dict:
    """Clips that only a, only b gets right, the exact p-value, and which is better."""
    if len(right_a) != len(right_b):
        raise ValueError("other clips")
    pairs = list(zip(map(bool, right_a), map(bool, right_b)))
    a, b = pairs.count((True, False)), pairs.count((False, True))
    p = stats.binomtest(a, a + b).pvalue if a + b else 1.0
    return {
        "only_a": a,
        "only_b": b,
        "p_value": float(p),
        "better": "cannot tell" if p >= 0.05 else "ab"[b > a],
    }
