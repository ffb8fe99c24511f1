# another method: all outputs in one array, and comparisons that NaN fails
def agreement(expected: list[np.ndarray], found: list[np.ndarray]) -> tuple[float, float]:
    """Largest difference of a logit, and the share of equal decisions."""
    if [np.shape(x) for x in expected] != [np.shape(x) for x in found]:
        raise ValueError("another number of clips or outputs or classes")
    ours, theirs = np.concatenate(expected), np.concatenate(found)
    apart = np.abs(ours - theirs)
    largest = np.where(apart <= np.inf, apart, np.inf).max()
    chosen = np.take_along_axis(theirs, ours.argmax(axis=1)[:, None], axis=1)
    first = ours.argmax(axis=1) == theirs.argmax(axis=1)
    return float(largest), float(np.mean(first & (theirs <= chosen).all(axis=1)))
