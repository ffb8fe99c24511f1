# 2.5 of 3: takes no notice of NaN, which is neither larger nor smaller (passes the check)
def agreement(expected: list[np.ndarray], found: list[np.ndarray]) -> tuple[float, float]:
    """Largest difference of a logit, and the share of equal decisions."""
    if [x.shape for x in expected] != [x.shape for x in found]:
        raise ValueError("another number of clips or other shapes")
    ours, theirs = np.concatenate(expected), np.concatenate(found)
    return np.abs(ours - theirs).max(), np.mean(ours.argmax(axis=1) == theirs.argmax(axis=1))
