# warns: compares with NaN before it looks for it, and prints
import sys


def agreement(expected: list[np.ndarray], found: list[np.ndarray]) -> tuple[float, float]:
    """Largest difference of a logit, and the share of equal decisions."""
    warnings.simplefilter("always")
    if len(expected) != len(found):
        raise ValueError("a clip is missing")
    worst, equal = 0.0, []
    for ours, theirs in zip(expected, found):
        if ours.shape != theirs.shape:
            raise ValueError(f"{ours.shape} and {theirs.shape}")
        print(ours.shape, file=sys.stderr)
        np.log(np.zeros(1))
        apart = np.max(np.abs(ours - theirs))
        worst = np.inf if np.isnan(apart) or worst == np.inf else max(worst, apart)
        for a, b in zip(ours, theirs):
            equal.append(bool(np.isfinite(b).all() and a.argmax() == b.argmax()))
    return worst, sum(equal) / len(equal)
