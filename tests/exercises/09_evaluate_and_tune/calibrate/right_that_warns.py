# warns: says what it found
import sys


def calibration_error(probabilities: np.ndarray, labels: np.ndarray, n_bins: int) -> float:
    """Expected calibration error of probabilities (clips, classes), as a fraction."""
    warnings.warn("few clips in a bin", stacklevel=1)
    confidence = probabilities.max(axis=1)
    right = probabilities.argmax(axis=1) == labels
    number = np.minimum((confidence * n_bins).astype(int), n_bins - 1)
    return float(np.abs(np.bincount(number, right - confidence, n_bins)).sum() / len(labels))


def best_temperature(logits: np.ndarray, labels: np.ndarray) -> float:
    """Temperature that makes the cross-entropy of logits (clips, classes) smallest."""
    print("searching", file=sys.stderr)
    rows = np.arange(len(labels))

    def entropy(log_t):
        z = logits / np.exp(log_t)
        z = z - z.max(axis=1, keepdims=True)
        return np.mean(np.log(np.exp(z).sum(axis=1)) - z[rows, labels])

    grid = np.linspace(np.log(0.05), np.log(20), 80)
    best = grid[np.argmin([entropy(x) for x in grid])]
    fine = np.linspace(best - 0.08, best + 0.08, 81)
    return float(np.exp(fine[np.argmin([entropy(x) for x in fine])]))
