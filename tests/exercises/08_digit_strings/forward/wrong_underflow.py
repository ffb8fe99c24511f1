# 3.5 of 4: multiplies probabilities, which become 0 (passes the check)
def log_probability(table: np.ndarray, target: list[int], blank: int) -> float:
    """Logarithm of the probability of a target, summed over all its paths."""
    states = [blank]
    for symbol in target:
        states += [symbol, blank]
    states = np.array(states)
    may_skip = np.zeros(len(states), bool)
    may_skip[2:] = (states[2:] != blank) & (states[2:] != states[:-2])
    emit = np.exp(table[:, states])
    alpha = np.zeros(len(states))
    alpha[:2] = emit[0, :2]
    for row in emit[1:]:
        before = np.concatenate([[0, 0], alpha])  # two impossible states in front
        skip = np.where(may_skip, before[:-2], 0)
        alpha = row * (before[2:] + before[1:-1] + skip)
    return float(np.log(alpha[-2:].sum()))
