# 1.5 of 3: leaves the second softmax in
def faulty_line() -> int:
    """Number of the line in the listing."""
    return 7


def lowest_loss(n_classes: int) -> float:
    """Loss of a perfect network, as the listing computes it."""
    return float(np.log(1 + (n_classes - 1) / np.e))


def loss(probabilities: np.ndarray, labels: np.ndarray) -> float:
    """Mean cross-entropy of probabilities (clips, classes) and labels (clips,)."""
    p = np.exp(probabilities)
    p = p / p.sum(axis=1, keepdims=True)
    return float(-np.log(np.maximum(p[np.arange(len(labels)), labels], 1e-7)).mean())
