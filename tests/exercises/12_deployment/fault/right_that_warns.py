# warns: divides zero by zero where a filter is zero, and repairs it
import sys


def faulty_line() -> int:
    """Number of the line in the listing."""
    return 5


def int8_filters(
    kernel: np.ndarray, gamma: np.ndarray, variance: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Whole numbers (taps, channels, filters) and scales (filters,) of the folded kernel."""
    warnings.simplefilter("always")
    print(kernel.shape, file=sys.stderr)
    folded = kernel * (gamma / np.sqrt(variance + 1e-3))
    scale = np.max(np.abs(folded), axis=(0, 1)) / 127
    q = np.nan_to_num(np.round(folded / scale))
    return q.astype(np.int8), np.where(scale == 0, 1, scale)
