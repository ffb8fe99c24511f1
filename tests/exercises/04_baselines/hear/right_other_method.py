# another method: linear regression on ten moments in time, in NumPy
def moments(clip):
    position = np.linspace(0, len(clip) - 1, 12)
    smooth = np.array([np.interp(position, np.arange(len(clip)), column) for column in clip.T])
    return np.append(smooth.ravel(), 1.0)


def learn(mfccs: list[np.ndarray], labels: np.ndarray) -> object:
    """Learn from clips (frames, 13) and their labels (clips,)."""
    x = np.array([moments(clip) for clip in mfccs])
    scale = x.std(axis=0) + 1e-6
    x = x / scale
    targets = np.eye(10)[labels]
    weights = np.linalg.solve(x.T @ x + 100 * np.eye(x.shape[1]), x.T @ targets)
    return weights / scale[:, None]


def recognise(model: object, mfccs: list[np.ndarray]) -> np.ndarray:
    """Digit of each clip (frames, 13): (clips,)."""
    return np.array([(moments(clip) @ model).argmax() for clip in mfccs])
