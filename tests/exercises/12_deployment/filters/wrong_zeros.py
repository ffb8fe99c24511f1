# 1 of 4: sets the weak filters to zero, where they should go
def keep_filters(
    kernel: np.ndarray, bias: np.ndarray, next_kernel: np.ndarray, n_keep: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Kernel, bias and next kernel with the `n_keep` strongest filters of the first alone."""
    strength = np.abs(kernel).sum(axis=(0, 1))
    kept = np.argsort(-strength, kind="stable")[:n_keep]
    mask = np.isin(np.arange(len(strength)), kept)
    return kernel * mask, bias * mask, next_kernel * mask[:, None]


def multiplications(kernel: np.ndarray, next_kernel: np.ndarray, n_places: int) -> int:
    """Multiplications of a weight by a number, in both convolutions."""
    return n_places * (kernel.size + next_kernel.size)
