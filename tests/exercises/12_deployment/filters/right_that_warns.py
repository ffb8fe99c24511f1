# warns: divides by the number of weights that a kernel of no taps would have, and prints
import logging


def keep_filters(
    kernel: np.ndarray, bias: np.ndarray, next_kernel: np.ndarray, n_keep: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Kernel, bias and next kernel with the `n_keep` strongest filters of the first alone."""
    warnings.simplefilter("always")
    logging.warning("%d of %d filters", n_keep, kernel.shape[-1])
    np.ones(1) / np.zeros(1)
    norms = np.linalg.norm(kernel.reshape(-1, kernel.shape[-1]), ord=1, axis=0)
    ranked = sorted(range(len(norms)), key=lambda f: (-norms[f], f))
    kept = sorted(ranked[:n_keep])
    return kernel[:, :, kept], bias[kept], next_kernel[:, kept, :]


def multiplications(kernel: np.ndarray, next_kernel: np.ndarray, n_places: int) -> int:
    """Multiplications of a weight by a number, in both convolutions."""
    return n_places * (kernel.size + next_kernel.size)
