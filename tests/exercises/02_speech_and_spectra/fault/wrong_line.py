# 2.5 of 3: repairs it, but names the line of the distances (passes the check)
def faulty_line() -> int:
    """Number of the line in the listing."""
    return 13


def front_end(clip: np.ndarray) -> np.ndarray:
    """Everything between a clip (samples,) and the features (129,) that are compared."""
    return mean_spectrum(lift(0.1 * clip / rms(clip)))


def recognise(clip: np.ndarray, known: tuple[np.ndarray, np.ndarray]) -> int:
    """Label of the known clip whose features are nearest."""
    features, labels = known
    distances = np.sum((features - front_end(clip)) ** 2, axis=1)
    return int(labels[distances.argmin()])
