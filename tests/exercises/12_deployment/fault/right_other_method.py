# another method: the scale as in the listing, the sign goes to the whole numbers
def faulty_line() -> int:
    """Number of the line in the listing."""
    return 5


def int8_filters(
    kernel: np.ndarray, gamma: np.ndarray, variance: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Whole numbers (taps, channels, filters) and scales (filters,) of the folded kernel."""
    factor = gamma / np.sqrt(variance + 1e-3)
    q, scale = np.zeros(kernel.shape, np.int8), np.ones(len(gamma))
    for f, multiplier in enumerate(factor):
        largest = max(abs(w) for w in kernel[:, :, f].ravel())
        if largest * abs(multiplier) > 0:
            scale[f] = largest * abs(multiplier) / 127
            q[:, :, f] = np.rint(127 * kernel[:, :, f] / largest * np.sign(multiplier))
    return q, scale
