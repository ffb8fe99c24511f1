# 2 of 3: drops what stands behind the point instead of rounding (passes the check)
def quantise(values: np.ndarray, low: float, high: float) -> tuple[np.ndarray, float, int]:
    """Whole numbers int8, their scale and their zero point."""
    low, high = min(low, 0.0), max(high, 0.0)
    scale = (high - low) / 255 or 1.0
    zero = round(-128 - low / scale) if high > low else 0
    return np.clip(np.trunc(values / scale) + zero, -128, 127).astype(np.int8), scale, zero
