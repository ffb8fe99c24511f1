# 3 of 4: goes along all paths, which takes for ever (passes the check)
def best_path(arcs: list, start: int, ends: list, table: np.ndarray) -> tuple[float, list]:
    """Score and symbols of the best path from the start to one of the ends."""
    paths = [(0.0, start, [])]
    for output in table:
        paths = [
            (score - a[2] + output[a[1]], a[3], [*symbols, a[1]])
            for score, here, symbols in paths
            for a in arcs
            if a[0] == here
        ]
        if len(paths) > 200_000:
            raise MemoryError("too many paths")
    done = [path for path in paths if path[1] in ends]
    if not done:
        return -np.inf, []
    score, _, symbols = max(done, key=lambda path: path[0])
    return float(score), symbols
