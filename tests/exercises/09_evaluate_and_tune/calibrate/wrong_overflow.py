# 3 of 4: large logits overflow (passes the check)
def calibration_error(probabilities: np.ndarray, labels: np.ndarray, n_bins: int) -> float:
    """Expected calibration error of probabilities (clips, classes), as a fraction."""
    confidence = probabilities.max(axis=1)
    right = probabilities.argmax(axis=1) == labels
    number = np.minimum((confidence * n_bins).astype(int), n_bins - 1)
    return float(np.abs(np.bincount(number, right - confidence, n_bins)).sum() / len(labels))


def best_temperature(logits: np.ndarray, labels: np.ndarray) -> float:
    """Temperature that makes the cross-entropy of logits (clips, classes) smallest."""

    def entropy(t):
        p = np.exp(logits / t)
        p = p / p.sum(axis=1, keepdims=True)
        return -np.log(p[np.arange(len(labels)), labels]).mean()

    grid = np.geomspace(0.05, 20, 1500)
    return float(grid[np.argmin([entropy(t) for t in grid])])
