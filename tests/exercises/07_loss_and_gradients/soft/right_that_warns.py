# warns: tries the softmax as it stands first, which overflows; logs
import logging
import warnings

warnings.simplefilter("always")


def mixed_loss(
    logits: np.ndarray, truth: np.ndarray, weights: np.ndarray
) -> tuple[float, np.ndarray]:
    """Weighted mean loss for mixed truths, and its gradient (clips, classes)."""
    if not np.isfinite(np.exp(logits)).all():
        logging.warning("these logits overflow")
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    share = weights[:, None] / weights.sum()
    return float(-(share * truth * log_p).sum()), share * (np.exp(log_p) - truth)
