# another method: energy by subtraction, a line by lstsq
def reverberation_time(
    response: np.ndarray, sample_rate: int, top: float = -5.0, bottom: float = -25.0
) -> float:
    """RT60 in seconds of an impulse response (samples,)."""
    h = np.asarray(response, float) ** 2
    total = h.sum()
    if total == 0:
        raise ValueError("silent")
    left = total - np.concatenate([[0.0], np.cumsum(h)[:-1]])
    level = 10 * np.log10(np.maximum(left / total, 1e-12))
    inside = np.flatnonzero((level < top) & (level > bottom))
    if len(inside) < 2:
        raise ValueError("too short")
    a = np.stack([inside / sample_rate, np.ones(len(inside))], axis=1)
    return float(-60 / np.linalg.lstsq(a, level[inside], rcond=None)[0][0])
