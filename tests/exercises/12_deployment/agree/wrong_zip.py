# 2.5 of 3: zip and broadcasting hide what is missing (passes the check)
def agreement(expected: list[np.ndarray], found: list[np.ndarray]) -> tuple[float, float]:
    """Largest difference of a logit, and the share of equal decisions."""
    difference, same = 0.0, []
    for ours, theirs in zip(expected, found):
        broken = np.isnan(theirs).any(axis=1)
        difference = max(difference, np.inf if broken.any() else np.abs(ours - theirs).max())
        same.extend((ours.argmax(axis=1) == theirs.argmax(axis=1)) & ~broken)
    return difference, np.mean(same)
