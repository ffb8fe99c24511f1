# less than 4 of 4: reports the worst validation voice, and peeking on voices
def report(validation: np.ndarray, test: np.ndarray) -> dict:
    """Choose a setting on the validation voices, and report it on the test voices."""
    means = validation.mean(axis=1)
    near = np.flatnonzero(means >= means.max() - 0.005)
    chosen = int(near[np.argmax(validation[near].min(axis=1))])
    return {
        "chosen": chosen,
        "accuracy": float(test[chosen].mean()),
        "worst": float(validation[chosen].min()),
        "peeking": float(test.max() - test[chosen].mean()),
    }
