# less than 4 of 4: a 90 % interval
def speaker_interval(
    right: np.ndarray, speakers: np.ndarray, n_draws: int, seed: int
) -> tuple[float, float]:
    """95 % interval of the accuracy of right (clips,), by drawing the speakers again."""
    names, number = np.unique(speakers, return_inverse=True)
    if len(names) < 2:
        raise ValueError("one speaker")
    correct, clips = np.bincount(number, weights=right), np.bincount(number)
    again = np.random.default_rng(seed).integers(len(names), size=(n_draws, len(names)))
    draws = correct[again].sum(axis=1) / clips[again].sum(axis=1)
    return tuple(float(x) for x in np.percentile(draws, [5, 95]))
