# 2 of 4: the strongest filter comes first, not the first one
def keep_filters(
    kernel: np.ndarray, bias: np.ndarray, next_kernel: np.ndarray, n_keep: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Kernel, bias and next kernel with the `n_keep` strongest filters of the first alone."""
    kept = np.argsort(-np.abs(kernel).sum(axis=(0, 1)), kind="stable")[:n_keep]
    return kernel[..., kept], bias[kept], next_kernel[:, kept]


def multiplications(kernel: np.ndarray, next_kernel: np.ndarray, n_places: int) -> int:
    """Multiplications of a weight by a number, in both convolutions."""
    return n_places * (kernel.size + next_kernel.size)
