# 2 of 3: takes the logarithm of a probability that has become 0 (passes the check)
def speech_loss(logits: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Loss of each frame and its derivative: (…) and (…) to (…) and (…)."""
    losses = -np.log(np.where(labels == 1, sigmoid(logits), 1 - sigmoid(logits)))
    return losses, sigmoid(logits) - labels
