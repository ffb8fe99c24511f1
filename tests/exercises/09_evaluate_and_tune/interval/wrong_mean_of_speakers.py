# 3 of 4: every speaker counts the same, however many clips (passes the check)
def speaker_interval(
    right: np.ndarray, speakers: np.ndarray, n_draws: int, seed: int
) -> tuple[float, float]:
    """95 % interval of the accuracy of right (clips,), by drawing the speakers again."""
    names = np.unique(speakers)
    if len(names) < 2:
        raise ValueError("one speaker")
    shares = np.array([right[speakers == name].mean() for name in names])
    again = np.random.default_rng(seed).integers(len(names), size=(n_draws, len(names)))
    return tuple(float(x) for x in np.percentile(shares[again].mean(axis=1), [2.5, 97.5]))
