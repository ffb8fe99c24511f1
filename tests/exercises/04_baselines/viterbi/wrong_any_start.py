# less than 3 of 3: may start in any state (passes the check)
def best_path(log_emission: np.ndarray, log_transition: np.ndarray) -> tuple[np.ndarray, float]:
    """Most probable states (frames,), starting in state 0, and their log probability."""
    best, came_from = log_emission[0], []
    for emission in log_emission[1:]:
        ways = best[:, None] + log_transition
        came_from.append(ways.argmax(axis=0))
        best = ways.max(axis=0) + emission
    path = [best.argmax()]
    for source in came_from[::-1]:
        path.insert(0, source[path[0]])
    return np.array(path), float(best.max())
