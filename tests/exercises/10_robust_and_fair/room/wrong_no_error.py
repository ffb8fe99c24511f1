# 3 of 4: a response without an RT60 gives a number (passes the check)
def reverberation_time(
    response: np.ndarray, sample_rate: int, top: float = -5.0, bottom: float = -25.0
) -> float:
    """RT60 in seconds of an impulse response (samples,)."""
    left = np.cumsum(np.asarray(response, float)[::-1] ** 2)[::-1]
    level = 10 * np.log10(np.maximum(left / max(left[0], 1e-30), 1e-30))
    inside = np.flatnonzero((level < top) & (level > bottom))
    if len(inside) < 2:
        return 0.0
    return float(-60 / np.polyfit(inside / sample_rate, level[inside], 1)[0])
