# 2 of 3: bounds the probability from below, which bounds the loss (passes the check)
def speech_loss(logits: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Loss of each frame and its derivative: (…) and (…) to (…) and (…)."""
    losses = -np.log(np.clip(sigmoid((2 * labels - 1) * logits), 1e-12, 1))
    return losses, sigmoid(logits) - labels
