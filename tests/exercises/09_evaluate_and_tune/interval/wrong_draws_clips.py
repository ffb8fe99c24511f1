# 1.5 of 4: draws clips, not speakers
def speaker_interval(
    right: np.ndarray, speakers: np.ndarray, n_draws: int, seed: int
) -> tuple[float, float]:
    """95 % interval of the accuracy of right (clips,), by drawing the speakers again."""
    if len(np.unique(speakers)) < 2:
        raise ValueError("one speaker")
    rng = np.random.default_rng(seed)
    again = rng.integers(len(right), size=(n_draws, len(right)))
    return tuple(float(x) for x in np.percentile(right[again].mean(axis=1), [2.5, 97.5]))
