# less than 3 of 3: reports the share allowed, not the one rejected (passes the check)
def operate(digit_scores: np.ndarray, other_scores: np.ndarray, misses: float) -> dict:
    """Threshold that rejects at most a share of the digits, and what it does."""
    if not len(digit_scores) or not len(other_scores):
        raise ValueError("empty")
    threshold = float(np.sort(digit_scores)[int(misses * len(digit_scores) + 1e-9)])
    alarms = float(np.mean(other_scores >= threshold))
    return {"threshold": threshold, "misses": misses, "false alarms": alarms}
