# another method: a product of matrices, rescaled at each output
def log_probability(table: np.ndarray, target: list[int], blank: int) -> float:
    """Logarithm of the probability of a target, summed over all its paths."""
    states = [blank]
    for symbol in target:
        states.extend((symbol, blank))
    n = len(states)
    moves = np.eye(n) + np.eye(n, k=1)
    for s in range(3, n, 2):
        moves[s - 2, s] = states[s] != states[s - 2]
    alpha, scale = np.zeros(n), 0.0
    alpha[:2] = 1
    for t, row in enumerate(np.exp(table)):
        alpha = (alpha if t == 0 else alpha @ moves) * row[states]
        total = alpha.sum()
        if total == 0:
            return -np.inf
        alpha, scale = alpha / total, scale + np.log(total)
    end = alpha[-2:].sum()
    return float(scale + np.log(end)) if end > 0 else -np.inf
