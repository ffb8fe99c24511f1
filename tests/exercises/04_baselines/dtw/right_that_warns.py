# warns: subtracts infinity from infinity on the way, and logs
import logging


def banded_dtw(a: np.ndarray, b: np.ndarray, radius: int) -> float:
    """DTW distance of a (n, numbers) and b (m, numbers), off the diagonal by at most `radius`."""
    warnings.simplefilter("always")
    n, m = len(a), len(b)
    if abs(n - m) > radius:
        logging.warning("no path for %d and %d frames", n, m)
        return float("inf")
    np.array([np.inf]) - np.array([np.inf])
    total = np.full((n + 1, m + 1), np.inf)
    total[0, 0] = 0
    for i in range(n):
        for j in range(m):
            if abs(i - j) <= radius:
                cost = np.linalg.norm(a[i] - b[j])
                wait = min(total[i, j + 1], total[i + 1, j])
                total[i + 1, j + 1] = min(total[i, j] + 2 * cost, wait + cost)
    return float(total[n, m] / (n + m))
