# warns and prints, and tries every score
def operate(digit_scores: np.ndarray, other_scores: np.ndarray, misses: float) -> dict:
    """Threshold that rejects at most a share of the digits, and what it does."""
    import sys

    print("choosing", file=sys.stderr)
    warnings.warn("few sounds", stacklevel=1)
    d, o = np.asarray(digit_scores, float), np.asarray(other_scores, float)
    if d.size == 0 or o.size == 0:
        raise ValueError("empty")
    threshold = max(t for t in d if (d < t).sum() <= misses * d.size + 1e-9)
    return {
        "threshold": float(threshold),
        "misses": float((d < threshold).mean()),
        "false alarms": float((o >= threshold).mean()),
    }
