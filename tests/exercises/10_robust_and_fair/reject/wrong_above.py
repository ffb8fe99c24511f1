# less than 3 of 3: a score equal to the threshold is rejected
def operate(digit_scores: np.ndarray, other_scores: np.ndarray, misses: float) -> dict:
    """Threshold that rejects at most a share of the digits, and what it does."""
    if not len(digit_scores) or not len(other_scores):
        raise ValueError("empty")
    threshold = float(np.sort(digit_scores)[int(misses * len(digit_scores) + 1e-9)])
    return {
        "threshold": threshold,
        "misses": float(np.mean(digit_scores <= threshold)),
        "false alarms": float(np.mean(other_scores > threshold)),
    }
