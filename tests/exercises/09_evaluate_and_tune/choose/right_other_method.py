# another method: sorts the settings that are near
def report(validation: np.ndarray, test: np.ndarray) -> dict:
    """Choose a setting on the validation voices, and report it on the test voices."""
    means = [float(np.mean(row)) for row in validation]
    near = [k for k in range(len(means)) if max(means) - means[k] <= 0.005]
    chosen = sorted(near, key=lambda k: (-float(np.min(validation[k])), k))[0]
    on_test = [float(np.mean(row)) for row in test]
    return {
        "chosen": chosen,
        "accuracy": on_test[chosen],
        "worst": float(np.min(test[chosen])),
        "peeking": max(on_test) - on_test[chosen],
    }
