# warns: takes the logarithm of zero
def reverberation_time(
    response: np.ndarray, sample_rate: int, top: float = -5.0, bottom: float = -25.0
) -> float:
    """RT60 in seconds of an impulse response (samples,)."""
    import sys

    print("a room", file=sys.stderr)
    warnings.warn("a room", stacklevel=1)
    left = np.flip(np.cumsum(np.flip(np.asarray(response, float)) ** 2))
    if not left[0] > 0:
        raise ValueError("silent")
    level = 10 * np.log10(left / left[0])
    inside = np.flatnonzero((level < top) & (level > bottom))
    if len(inside) < 2:
        raise ValueError("too short")
    return float(-60 / np.polyfit(inside / sample_rate, level[inside], 1)[0])
