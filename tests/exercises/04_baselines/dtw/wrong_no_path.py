# 3 of 4: widens the band until there is a path (passes the check)
def banded_dtw(a: np.ndarray, b: np.ndarray, radius: int) -> float:
    """DTW distance of a (n, numbers) and b (m, numbers), off the diagonal by at most `radius`."""
    n, m = len(a), len(b)
    radius = max(radius, abs(n - m))
    total = np.full((n + 1, m + 1), np.inf)
    total[0, 0] = 0
    for i in range(n):
        for j in range(max(0, i - radius), min(m, i + radius + 1)):
            cost = np.sqrt(np.sum((a[i] - b[j]) ** 2))
            steps = total[i, j] + cost, total[i, j + 1], total[i + 1, j]
            total[i + 1, j + 1] = cost + min(steps)
    return float(total[n, m] / (n + m))
