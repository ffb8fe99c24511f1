# less than 3 of 3: takes the largest threshold
def operating_point(calls: np.ndarray, others: np.ndarray, hours: float, allowed: float) -> dict:
    """Threshold with at most `allowed` false alarms an hour; its misses and false alarms."""
    if not hours > 0:
        raise ValueError(f"{hours} hours: measure some sound without the word first")
    calls, others = np.asarray(calls, float), np.asarray(others, float)
    scores = np.unique(np.concatenate([calls, others]))
    fits = [s for s in scores if (others >= s).sum() / hours <= allowed]
    threshold = float(fits[-1]) if fits else float("inf")
    return {
        "threshold": threshold,
        "misses": float((calls < threshold).mean()),
        "alarms": float((others >= threshold).sum() / hours),
    }
