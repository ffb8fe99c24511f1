# the whole table at once
def suspects(probabilities: np.ndarray, labels: np.ndarray) -> list:
    """Positions and suggested classes of labels that may be wrong, the least probable first."""
    one_hot = labels[:, None] == np.arange(probabilities.shape[1])
    counts = one_hot.sum(axis=0)
    sums = np.where(one_hot, probabilities, 0).sum(axis=0)
    limits = np.where(counts > 0, sums / np.maximum(counts, 1), np.inf)
    own = probabilities[np.arange(len(labels)), labels]
    fits = (probabilities >= limits) & (probabilities > own[:, None]) & ~one_hot
    places = np.flatnonzero(fits.any(axis=1))
    places = places[np.argsort(own[places], kind="stable")]
    best = np.where(fits, probabilities, -1).argmax(axis=1)
    return [(int(k), int(best[k])) for k in places]
