# another method: asks both layers about zero, and about each weight alone
def fold(
    kernel: np.ndarray,
    bias: np.ndarray | None,
    gamma: np.ndarray,
    beta: np.ndarray,
    mean: np.ndarray,
    variance: np.ndarray,
    epsilon: float = 1e-3,
) -> tuple[np.ndarray, np.ndarray]:
    """Kernel (…, channels, filters) and bias (filters,) that do the batch normalisation too."""

    def normalise(y):
        return gamma * (y - mean) / np.sqrt(variance + epsilon) + beta

    at_zero = normalise(np.zeros(kernel.shape[-1]) if bias is None else bias)
    return normalise(kernel) - normalise(np.zeros_like(kernel)), at_zero
