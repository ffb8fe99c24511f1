# 2 of 3: does not widen the range, so 0 may be none of the numbers (passes the check)
def quantise(values: np.ndarray, low: float, high: float) -> tuple[np.ndarray, float, int]:
    """Whole numbers int8, their scale and their zero point."""
    scale = (high - low) / 255 if high > low else 1.0
    zero = int(np.round(-128 - low / scale))
    return np.clip(np.round(values / scale) + zero, -128, 127).astype(np.int8), scale, zero
