# another method: scores from the end back to the start, then forward along the best
def best_path(arcs: list, start: int, ends: list, table: np.ndarray) -> tuple[float, list]:
    """Score and symbols of the best path from the start to one of the ends."""
    states = {start, *ends, *(a[0] for a in arcs), *(a[3] for a in arcs)}
    to_go = [{s: 0.0 if s in ends else -np.inf for s in states}]
    for output in table[::-1]:
        later = to_go[-1]
        now = dict.fromkeys(states, -np.inf)
        for source, symbol, weight, target in arcs:
            now[source] = max(now[source], output[symbol] - weight + later[target])
        to_go.append(now)
    to_go.reverse()
    score, here, symbols = to_go[0][start], start, []
    if score == -np.inf:
        return -np.inf, []
    for t, output in enumerate(table):
        step = max(
            (a for a in arcs if a[0] == here),
            key=lambda a: output[a[1]] - a[2] + to_go[t + 1][a[3]],
        )
        symbols.append(step[1])
        here = step[3]
    return float(score), symbols
