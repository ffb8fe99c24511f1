# less than 4 of 4: takes outputs, not inputs, away from the second convolution
def keep_filters(
    kernel: np.ndarray, bias: np.ndarray, next_kernel: np.ndarray, n_keep: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Kernel, bias and next kernel with the `n_keep` strongest filters of the first alone."""
    kept = np.sort(np.argsort(-np.abs(kernel).sum(axis=(0, 1)), kind="stable")[:n_keep])
    return kernel[..., kept], bias[kept], next_kernel[..., :n_keep]


def multiplications(kernel: np.ndarray, next_kernel: np.ndarray, n_places: int) -> int:
    """Multiplications of a weight by a number, in both convolutions."""
    return n_places * (kernel.size + next_kernel.size)
