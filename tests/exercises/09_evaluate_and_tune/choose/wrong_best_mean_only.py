# less than 4 of 4: no look at the worst voice
def report(validation: np.ndarray, test: np.ndarray) -> dict:
    """Choose a setting on the validation voices, and report it on the test voices."""
    chosen = int(np.argmax(validation.mean(axis=1)))
    accuracy = float(test[chosen].mean())
    return {
        "chosen": chosen,
        "accuracy": accuracy,
        "worst": float(test[chosen].min()),
        "peeking": float(test.mean(axis=1).max() - accuracy),
    }
