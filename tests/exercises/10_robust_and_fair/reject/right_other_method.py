# another method: the k-th smallest score
def operate(digit_scores: np.ndarray, other_scores: np.ndarray, misses: float) -> dict:
    """Threshold that rejects at most a share of the digits, and what it does."""
    if not len(digit_scores) or not len(other_scores):
        raise ValueError("empty")
    ordered = sorted(map(float, digit_scores))
    threshold = ordered[int(np.floor(misses * len(ordered) + 1e-9))]
    return {
        "threshold": threshold,
        "misses": sum(s < threshold for s in ordered) / len(ordered),
        "false alarms": sum(s >= threshold for s in other_scores) / len(other_scores),
    }
