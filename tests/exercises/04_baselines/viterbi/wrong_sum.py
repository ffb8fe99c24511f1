# 1 of 3: the right states, with the probability of all paths together
def best_path(log_emission: np.ndarray, log_transition: np.ndarray) -> tuple[np.ndarray, float]:
    """Most probable states (frames,), starting in state 0, and their log probability."""
    frames, states = log_emission.shape
    best = np.full(states, -np.inf)
    best[0] = log_emission[0, 0]
    everything, came_from = best.copy(), []
    for t in range(1, frames):
        ways = best[:, None] + log_transition
        came_from.append(ways.argmax(axis=0))
        best = ways.max(axis=0) + log_emission[t]
        everything = np.logaddexp.reduce(everything[:, None] + log_transition) + log_emission[t]
    path = [best.argmax()]
    for source in came_from[::-1]:
        path.insert(0, source[path[0]])
    return np.array(path), float(np.logaddexp.reduce(everything))
