# 2 of 4: adds before it takes the magnitude, so weights cancel (passes the check)
def keep_filters(
    kernel: np.ndarray, bias: np.ndarray, next_kernel: np.ndarray, n_keep: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Kernel, bias and next kernel with the `n_keep` strongest filters of the first alone."""
    strength = np.abs(kernel.sum(axis=(0, 1)))
    kept = np.sort(np.argsort(-strength, kind="stable")[:n_keep])
    return kernel[..., kept], bias[kept], next_kernel[:, kept]


def multiplications(kernel: np.ndarray, next_kernel: np.ndarray, n_places: int) -> int:
    """Multiplications of a weight by a number, in both convolutions."""
    return n_places * (kernel.size + next_kernel.size)
