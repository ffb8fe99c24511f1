# warns: computes the overflowing formula too, and drops it; prints
import sys
import warnings

warnings.simplefilter("always")


def speech_loss(logits: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Loss of each frame and its derivative: (…) and (…) to (…) and (…)."""
    print("frames:", logits.size, file=sys.stderr)
    _ = -np.log(1 / (1 + np.exp(-logits)))
    losses = np.logaddexp(0, logits) - labels * logits
    return losses, sigmoid(logits) - labels
