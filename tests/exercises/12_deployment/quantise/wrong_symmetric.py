# 0 of 3: one scale for the largest number and no zero point
def quantise(values: np.ndarray, low: float, high: float) -> tuple[np.ndarray, float, int]:
    """Whole numbers int8, their scale and their zero point."""
    scale = max(abs(low), abs(high)) / 127 or 1.0
    return np.clip(np.round(values / scale), -127, 127).astype(np.int8), scale, 0
