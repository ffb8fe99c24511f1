# another method: counts how often each speaker was drawn
def speaker_interval(
    right: np.ndarray, speakers: np.ndarray, n_draws: int, seed: int
) -> tuple[float, float]:
    """95 % interval of the accuracy of right (clips,), by drawing the speakers again."""
    names = list(dict.fromkeys(map(str, speakers)))
    if len(names) < 2:
        raise ValueError("one speaker")
    table = np.array([[np.sum(right[speakers == n]), np.sum(speakers == n)] for n in names], float)
    rng = np.random.default_rng(seed)
    times = rng.multinomial(len(names), np.full(len(names), 1 / len(names)), size=n_draws)
    total = times @ table
    shares = np.sort(total[:, 0] / total[:, 1])
    return float(np.quantile(shares, 0.025)), float(np.quantile(shares, 0.975))
