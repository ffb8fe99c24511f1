# 1 of 4: skips the blank between equal words too (passes the check)
def log_probability(table: np.ndarray, target: list[int], blank: int) -> float:
    """Logarithm of the probability of a target, summed over all its paths."""
    states = [blank]
    for symbol in target:
        states += [symbol, blank]
    states = np.array(states)
    may_skip = np.zeros(len(states), bool)
    may_skip[2:] = states[2:] != blank
    emit = table[:, states]
    alpha = np.full(len(states), -np.inf)
    alpha[:2] = emit[0, :2]
    for row in emit[1:]:
        before = np.concatenate([[-np.inf, -np.inf], alpha])  # two impossible states in front
        skip = np.where(may_skip, before[:-2], -np.inf)
        alpha = row + np.logaddexp.reduce([before[2:], before[1:-1], skip])
    return float(np.logaddexp.reduce(alpha[-2:]))
