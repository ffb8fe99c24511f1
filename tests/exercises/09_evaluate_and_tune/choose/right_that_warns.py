# warns: says how many settings are near the best
import sys


def report(validation: np.ndarray, test: np.ndarray) -> dict:
    """Choose a setting on the validation voices, and report it on the test voices."""
    means = validation.mean(axis=1)
    near = means >= means.max() - 0.005
    print(near.sum(), "near", file=sys.stderr)
    warnings.warn("near", stacklevel=1)
    chosen = int(np.argmax(np.where(near, validation.min(axis=1), -1)))
    accuracy = float(test[chosen].mean())
    return {
        "chosen": chosen,
        "accuracy": accuracy,
        "worst": float(test[chosen].min()),
        "peeking": float(test.mean(axis=1).max() - accuracy),
    }
