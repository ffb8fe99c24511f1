# 1.5 of 3: the sign goes into the scale, where a file takes none
def faulty_line() -> int:
    """Number of the line in the listing."""
    return 5


def int8_filters(
    kernel: np.ndarray, gamma: np.ndarray, variance: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Whole numbers (taps, channels, filters) and scales (filters,) of the folded kernel."""
    factor = gamma / np.sqrt(variance + 1e-3)
    largest = np.abs(kernel).max(axis=(0, 1))
    q = np.round(127 * kernel / largest).astype(np.int8)
    return q, largest / 127 * factor
