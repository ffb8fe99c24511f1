# 0.5 of 3: one scale for all filters
def faulty_line() -> int:
    """Number of the line in the listing."""
    return 5


def int8_filters(
    kernel: np.ndarray, gamma: np.ndarray, variance: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Whole numbers (taps, channels, filters) and scales (filters,) of the folded kernel."""
    folded = kernel * gamma / np.sqrt(variance + 1e-3)
    scale = np.full(len(gamma), np.abs(folded).max() / 127)
    return np.round(folded / scale).astype(np.int8), scale
