# another method: SciPy's log-sum-exp, clip by clip
from scipy.special import logsumexp


def mixed_loss(
    logits: np.ndarray, truth: np.ndarray, weights: np.ndarray
) -> tuple[float, np.ndarray]:
    """Weighted mean loss for mixed truths, and its gradient (clips, classes)."""
    loss, gradient = 0.0, np.zeros_like(logits)
    for n, (z, q, w) in enumerate(zip(logits, truth, weights / np.sum(weights))):
        loss += w * (logsumexp(z) - np.dot(q, z))
        gradient[n] = w * (np.exp(z - logsumexp(z)) - q)
    return float(loss), gradient
