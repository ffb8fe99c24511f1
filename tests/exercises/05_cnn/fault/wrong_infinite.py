# 2.5 of 3: the loss of a network that is sure and wrong is infinite (passes the check)
def faulty_line() -> int:
    """Number of the line in the listing."""
    return 7


def lowest_loss(n_classes: int) -> float:
    """Loss of a perfect network, as the listing computes it."""
    return float(np.log(1 + (n_classes - 1) / np.e))


def loss(probabilities: np.ndarray, labels: np.ndarray) -> float:
    """Mean cross-entropy of probabilities (clips, classes) and labels (clips,)."""
    return float(-np.log(probabilities[np.arange(len(labels)), labels]).mean())
