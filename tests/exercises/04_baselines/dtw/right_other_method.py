# another method: all local costs at once, cells outside the band infinite, anti-diagonal order
def banded_dtw(a: np.ndarray, b: np.ndarray, radius: int) -> float:
    """DTW distance of a (n, numbers) and b (m, numbers), off the diagonal by at most `radius`."""
    cost = np.linalg.norm(a[:, None, :] - b[None, :, :], axis=-1)
    i, j = np.indices(cost.shape)
    cost[np.abs(i - j) > radius] = np.inf
    total = {(0, 0): 2 * cost[0, 0]}
    for diagonal in range(1, len(a) + len(b) - 1):
        for i in range(max(0, diagonal - len(b) + 1), min(len(a), diagonal + 1)):
            j = diagonal - i
            before = [
                total.get((i - 1, j - 1), np.inf) + 2 * cost[i, j],
                total.get((i - 1, j), np.inf) + cost[i, j],
                total.get((i, j - 1), np.inf) + cost[i, j],
            ]
            total[i, j] = min(before)
    return float(total[len(a) - 1, len(b) - 1]) / (len(a) + len(b))
