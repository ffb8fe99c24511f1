# less than 4 of 4: adds the weights
def best_path(arcs: list, start: int, ends: list, table: np.ndarray) -> tuple[float, list]:
    """Score and symbols of the best path from the start to one of the ends."""
    n_states = 1 + max([start, *ends, *(max(a[0], a[3]) for a in arcs)])
    scores = np.full(n_states, -np.inf)
    scores[start] = 0.0
    back = []
    for output in table:
        fresh, winners = np.full(n_states, -np.inf), [None] * n_states
        for source, symbol, weight, target in arcs:
            found = scores[source] + weight + output[symbol]
            if found > fresh[target]:
                fresh[target], winners[target] = found, (source, symbol)
        scores = fresh
        back.append(winners)
    if not ends or not np.isfinite(max(scores[end] for end in ends)):
        return -np.inf, []
    here = max(ends, key=lambda end: scores[end])
    score, symbols = float(scores[here]), []
    for winners in reversed(back):
        here, symbol = winners[here]
        symbols.append(int(symbol))
    return score, symbols[::-1]
