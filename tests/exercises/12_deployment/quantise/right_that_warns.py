# warns: divides zero by zero where the range is empty, and repairs it
import sys


def quantise(values: np.ndarray, low: float, high: float) -> tuple[np.ndarray, float, int]:
    """Whole numbers int8, their scale and their zero point."""
    warnings.simplefilter("always")
    low, high = min(low, 0), max(high, 0)
    scale = np.float64(high - low) / 255
    zero = np.round(-128 - np.float64(low) / scale)
    print("scale", scale, file=sys.stderr)
    if not np.isfinite(zero):
        scale, zero = 1.0, 0
    q = np.clip(np.rint(np.asarray(values) / scale) + zero, -128, 127)
    return q.astype(np.int8), float(scale), int(zero)
