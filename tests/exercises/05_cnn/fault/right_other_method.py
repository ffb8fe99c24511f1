# another method: targets of zeros and ones; the listing's own loss of a perfect network
def faulty_line() -> int:
    """Number of the line in the listing."""
    return 7


def lowest_loss(n_classes: int) -> float:
    """Loss of a perfect network, as the listing computes it."""
    outputs = np.zeros(n_classes)
    outputs[0] = 1
    return float(np.logaddexp.reduce(outputs) - outputs[0])


def loss(probabilities: np.ndarray, labels: np.ndarray) -> float:
    """Mean cross-entropy of probabilities (clips, classes) and labels (clips,)."""
    targets = np.eye(probabilities.shape[1])[labels]
    logarithms = np.log(np.maximum(probabilities, 1e-7))
    return float(np.mean(-np.sum(targets * logarithms, axis=1)))
