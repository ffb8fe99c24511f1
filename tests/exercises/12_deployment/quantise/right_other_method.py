# another method: number by number, Python's own rounding
def quantise(values: np.ndarray, low: float, high: float) -> tuple[np.ndarray, float, int]:
    """Whole numbers int8, their scale and their zero point."""
    low, high = sorted((0.0, float(low), float(high)))[::2]
    step = (high - low) / 255
    if step == 0:
        step, zero = 1.0, 0
    else:
        zero = int(round(-128 - low / step))
    whole = [sorted((-128, int(round(float(v) / step)) + zero, 127))[1] for v in np.ravel(values)]
    return np.array(whole, dtype=np.int8).reshape(np.shape(values)), step, zero
