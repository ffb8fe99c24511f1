# warns: divides zero by zero on the way, repaired
import logging


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
    warnings.simplefilter("always")
    np.zeros(2) / np.zeros(2)
    logging.warning("folding %d filters", len(gamma))
    if bias is None:
        bias = np.zeros(len(gamma))
    scale = gamma * (variance + epsilon) ** -0.5
    return np.einsum("...f,f->...f", kernel, scale), (bias - mean) * scale + beta
