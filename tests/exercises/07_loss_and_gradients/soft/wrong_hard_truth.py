# 1 of 3: takes the most probable class for the truth
def mixed_loss(
    logits: np.ndarray, truth: np.ndarray, weights: np.ndarray
) -> tuple[float, np.ndarray]:
    """Weighted mean loss for mixed truths, and its gradient (clips, classes)."""
    truth = np.eye(truth.shape[1])[truth.argmax(axis=1)]
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    share = weights[:, None] / weights.sum()
    return float(-(share * truth * log_p).sum()), share * (np.exp(log_p) - truth)
