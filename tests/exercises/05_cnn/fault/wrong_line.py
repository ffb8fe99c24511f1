# 2.5 of 3: repairs it, but names the line of the network, which shall stay (passes the check)
def faulty_line() -> int:
    """Number of the line in the listing."""
    return 3


def lowest_loss(n_classes: int) -> float:
    """Loss of a perfect network, as the listing computes it."""
    return float(np.log(np.e + n_classes - 1) - 1)


def loss(probabilities: np.ndarray, labels: np.ndarray) -> float:
    """Mean cross-entropy of probabilities (clips, classes) and labels (clips,)."""
    right = probabilities[np.arange(len(labels)), labels]
    return float(-np.log(np.clip(right, 1e-7, 1)).mean())
