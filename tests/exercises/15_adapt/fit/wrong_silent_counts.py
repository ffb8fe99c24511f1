# less than 3 of 3: silent clips count for their labels (passes the check)
def problems_of(labels: np.ndarray, peaks: np.ndarray, probabilities: np.ndarray) -> list:
    """What is wrong with a set of clips to adapt to: names of problems, in order."""
    if len(labels) == 0:
        return ["empty"]
    found = []
    silent = np.asarray(peaks) < 0.01
    if silent.any():
        found.append("silence")
    if len(np.unique(labels)) == 1:
        found.append("one word")
    others = np.array(probabilities, dtype=float)
    others[np.arange(len(labels)), labels] = 0
    contradicted = others.max(axis=1) >= 0.9
    if len(contradicted) and contradicted.mean() > 0.5:
        found.append("wrong labels")
    return found
