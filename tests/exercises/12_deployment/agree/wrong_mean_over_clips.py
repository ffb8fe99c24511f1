# 1.5 of 3: the mean of the shares of the clips, however many outputs each has
def agreement(expected: list[np.ndarray], found: list[np.ndarray]) -> tuple[float, float]:
    """Largest difference of a logit, and the share of equal decisions."""
    if [x.shape for x in expected] != [x.shape for x in found]:
        raise ValueError("another number of clips or other shapes")
    differences, shares = [], []
    for ours, theirs in zip(expected, found):
        broken = np.isnan(theirs).any(axis=1)
        differences.append(np.inf if broken.any() else np.abs(ours - theirs).max())
        shares.append(np.mean((ours.argmax(axis=1) == theirs.argmax(axis=1)) & ~broken))
    return max(differences), np.mean(shares)
