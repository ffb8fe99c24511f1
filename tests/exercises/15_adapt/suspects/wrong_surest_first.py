# less than 3 of 3: the most probable label comes first (passes the check)
def suspects(probabilities: np.ndarray, labels: np.ndarray) -> list:
    """Positions and suggested classes of labels that may be wrong, the least probable first."""
    n_classes = probabilities.shape[1]
    thresholds = np.full(n_classes, np.inf)
    for k in range(n_classes):
        if (labels == k).any():
            thresholds[k] = probabilities[labels == k, k].mean()
    found = []
    for place, (row, label) in enumerate(zip(probabilities, labels)):
        fits = (row >= thresholds) & (row > row[label])
        fits[label] = False
        if fits.any():
            found.append((row[label], place, int(np.where(fits, row, -1).argmax())))
    return [(place, suggested) for _, place, suggested in sorted(found, reverse=True)]
