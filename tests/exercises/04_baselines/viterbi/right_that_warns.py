# warns: takes the logarithm of zero for the start
import sys


def best_path(log_emission: np.ndarray, log_transition: np.ndarray) -> tuple[np.ndarray, float]:
    """Most probable states (frames,), starting in state 0, and their log probability."""
    warnings.simplefilter("always")
    best = np.log(np.eye(log_emission.shape[1])[0]) + log_emission[0]
    print("start:", best, file=sys.stderr)
    pointers = []
    for emission in log_emission[1:]:
        ways = best[:, None] + log_transition
        pointers.append(np.argmax(ways, axis=0))
        best = np.max(ways, axis=0) + emission
    path = [int(np.argmax(best))]
    for pointer in reversed(pointers):
        path.append(int(pointer[path[-1]]))
    return np.array(path[::-1]), float(np.max(best))
