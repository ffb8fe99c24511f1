# less than 3 of 3: a quantile that lies between two scores
def operate(digit_scores: np.ndarray, other_scores: np.ndarray, misses: float) -> dict:
    """Threshold that rejects at most a share of the digits, and what it does."""
    if not len(digit_scores) or not len(other_scores):
        raise ValueError("empty")
    threshold = float(np.quantile(digit_scores, misses))
    return {
        "threshold": threshold,
        "misses": float(np.mean(digit_scores < threshold)),
        "false alarms": float(np.mean(other_scores >= threshold)),
    }
