# 2 of 3: softmax as it stands (passes the check)
def mixed_loss(
    logits: np.ndarray, truth: np.ndarray, weights: np.ndarray
) -> tuple[float, np.ndarray]:
    """Weighted mean loss for mixed truths, and its gradient (clips, classes)."""
    p = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    log_p = np.log(p)
    share = weights[:, None] / weights.sum()
    return float(-(share * truth * log_p).sum()), share * (np.exp(log_p) - truth)
