# another method: sort the scores, count by searching
def operating_point(calls: np.ndarray, others: np.ndarray, hours: float, allowed: float) -> dict:
    """Threshold with at most `allowed` false alarms an hour; its misses and false alarms."""
    if hours <= 0:
        raise ValueError("no sound")
    ordered = np.sort(others)
    scores = np.sort(np.concatenate([calls, others]))
    counts = len(ordered) - np.searchsorted(ordered, scores, side="left")
    good = np.flatnonzero(counts / hours <= allowed)
    if len(good) == 0:
        return {"threshold": np.inf, "misses": 1.0, "alarms": 0.0}
    threshold = float(scores[good[0]])
    misses = float(np.mean(np.asarray(calls) < threshold))
    return {"threshold": threshold, "misses": misses, "alarms": float(counts[good[0]] / hours)}
