# 1 of 4: a step along the diagonal pays once, so paths of different length are not comparable
def banded_dtw(a: np.ndarray, b: np.ndarray, radius: int) -> float:
    """DTW distance of a (n, numbers) and b (m, numbers), off the diagonal by at most `radius`."""
    n, m = len(a), len(b)
    total = np.full((n + 1, m + 1), np.inf)
    total[0, 0] = 0
    for i in range(n):
        for j in range(max(0, i - radius), min(m, i + radius + 1)):
            cost = np.sqrt(np.sum((a[i] - b[j]) ** 2))
            total[i + 1, j + 1] = cost + min(total[i, j], total[i, j + 1], total[i + 1, j])
    return float(total[n, m] / (n + m))
