# 2.5 of 3: an empty side gives NaN (passes the check)
def operate(digit_scores: np.ndarray, other_scores: np.ndarray, misses: float) -> dict:
    """Threshold that rejects at most a share of the digits, and what it does."""
    if not len(digit_scores):
        return {"threshold": 0.0, "misses": 0.0, "false alarms": 1.0}
    threshold = float(np.sort(digit_scores)[int(misses * len(digit_scores) + 1e-9)])
    return {
        "threshold": threshold,
        "misses": float(np.mean(digit_scores < threshold)),
        "false alarms": float(np.mean(other_scores >= threshold)),
    }
