# warns: takes the logarithm of zero first, and limits the loss afterwards
def faulty_line() -> int:
    """Number of the line in the listing."""
    return 7


def lowest_loss(n_classes: int) -> float:
    """Loss of a perfect network, as the listing computes it."""
    return float(-np.log(np.e / (np.e + n_classes - 1)))


def loss(probabilities: np.ndarray, labels: np.ndarray) -> float:
    """Mean cross-entropy of probabilities (clips, classes) and labels (clips,)."""
    warnings.simplefilter("always")
    warnings.warn("some are sure and wrong", stacklevel=1)
    losses = -np.log(probabilities[np.arange(len(labels)), labels])
    return float(np.minimum(losses, -np.log(1e-7)).mean())
