# another method: backwards in time, the best way on from each state
def best_path(log_emission: np.ndarray, log_transition: np.ndarray) -> tuple[np.ndarray, float]:
    """Most probable states (frames,), starting in state 0, and their log probability."""
    ahead = np.zeros(log_emission.shape[1])  # the best that can still come, from each state
    choices = []
    for emission in log_emission[:0:-1]:
        onward = log_transition + emission + ahead
        choices.append(onward.argmax(axis=1))
        ahead = onward.max(axis=1)
    states = [0]
    for choice in reversed(choices):
        states.append(int(choice[states[-1]]))
    return np.array(states), float(log_emission[0, 0] + ahead[0])
