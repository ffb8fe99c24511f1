# another method: improves a first guess by changing, moving and swapping digits, judged by the exact sum
def exact(table, string):
    """Logarithm of the probability of a string, by a scaled forward pass."""
    blank = table.shape[1] - 1
    states = np.full(2 * len(string) + 1, blank)
    states[1::2] = string
    skip = np.zeros(len(states))
    skip[3::2] = states[3::2] != states[1:-2:2]
    emit = np.exp(table[:, states])
    alpha, scale = np.zeros(len(states)), 0.0
    alpha[:2] = 1
    for t, row in enumerate(emit):
        if t:
            one = np.concatenate([[0], alpha[:-1]])
            two = np.concatenate([[0, 0], alpha[:-2]])
            alpha = alpha + one + skip * two
        alpha = alpha * row
        total = alpha.sum() + 1e-300
        alpha, scale = alpha / total, scale + np.log(total)
    return scale + np.log(alpha[-2:].sum() + 1e-300)


def read_pin(table: np.ndarray, n_digits: int) -> list[int]:
    """Find a probable string of exactly n_digits digits in a table, the blank last."""
    digits = range(table.shape[1] - 1)
    found = []
    while len(found) < n_digits:  # put in the digit that helps most, wherever it helps most
        longer = [[*found[:i], k, *found[i:]] for i in range(len(found) + 1) for k in digits]
        found = max(longer, key=lambda string: exact(table, string))
    score, better = exact(table, found), True
    while better:
        better = False
        for i in range(n_digits):
            without = found[:i] + found[i + 1 :]
            for place in range(n_digits):
                for k in digits:
                    new = [*without[:place], k, *without[place:]]
                    value = exact(table, new)
                    if value > score + 1e-9:
                        found, score, better = new, value, True
                        without = found[:i] + found[i + 1 :]
    return found
