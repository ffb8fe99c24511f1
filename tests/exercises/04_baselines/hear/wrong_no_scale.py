# 1 of 3: one nearest neighbour on the mean alone, nothing scaled (passes the check)
def learn(mfccs: list[np.ndarray], labels: np.ndarray) -> object:
    """Learn from clips (frames, 13) and their labels (clips,)."""
    return np.array([m.mean(axis=0) for m in mfccs]), labels


def recognise(model: object, mfccs: list[np.ndarray]) -> np.ndarray:
    """Digit of each clip (frames, 13): (clips,)."""
    known, labels = model
    return labels[[np.sum((known - m.mean(axis=0)) ** 2, axis=1).argmin() for m in mfccs]]
