# 0 of 3: the best state of each frame alone
def best_path(log_emission: np.ndarray, log_transition: np.ndarray) -> tuple[np.ndarray, float]:
    """Most probable states (frames,), starting in state 0, and their log probability."""
    path = log_emission.argmax(axis=1)
    value = log_emission.max(axis=1).sum() + log_transition[path[:-1], path[1:]].sum()
    return path, float(value)
