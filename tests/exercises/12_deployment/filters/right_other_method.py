# another method: the weakest filter goes, and again, the last one of equals
def keep_filters(
    kernel: np.ndarray, bias: np.ndarray, next_kernel: np.ndarray, n_keep: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Kernel, bias and next kernel with the `n_keep` strongest filters of the first alone."""
    left = list(range(kernel.shape[2]))
    while len(left) > n_keep:
        sums = {f: float(sum(np.abs(kernel[:, :, f]).ravel())) for f in left}
        least = min(sums.values())
        left.remove(max(f for f in left if sums[f] == least))
    mask = np.isin(np.arange(kernel.shape[2]), left)
    return np.compress(mask, kernel, axis=2), bias[mask], np.compress(mask, next_kernel, axis=1)


def multiplications(kernel: np.ndarray, next_kernel: np.ndarray, n_places: int) -> int:
    """Multiplications of a weight by a number, in both convolutions."""
    return sum(int(np.prod(k.shape)) for k in (kernel, next_kernel) for _ in range(n_places))
