# warns: lists the clips of each draw
import sys


def speaker_interval(
    right: np.ndarray, speakers: np.ndarray, n_draws: int, seed: int
) -> tuple[float, float]:
    """95 % interval of the accuracy of right (clips,), by drawing the speakers again."""
    print(len(speakers), "clips", file=sys.stderr)
    warnings.simplefilter("always")
    warnings.warn("slow", stacklevel=1)
    clips = [np.flatnonzero(speakers == name) for name in np.unique(speakers)]
    if len(clips) < 2:
        raise ValueError("fewer than two speakers")
    rng, values = np.random.default_rng(seed), np.asarray(right, float)
    sums, sizes = np.array([values[c].sum() for c in clips]), np.array([len(c) for c in clips])
    draws = []
    for _ in range(n_draws):
        pick = rng.integers(len(clips), size=len(clips))
        draws.append(sums[pick].sum() / sizes[pick].sum())
    return tuple(float(x) for x in np.percentile(draws, [2.5, 97.5]))
