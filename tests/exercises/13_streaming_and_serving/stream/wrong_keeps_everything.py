# 3 of 4: the state is all that was ever heard (passes the check)
def start() -> object:
    """Return the state of a stream that has heard nothing."""
    return np.zeros(0), 0


def step(state: object, piece: np.ndarray) -> tuple[object, np.ndarray]:
    """Hear a piece (samples,): the new state, and the new frames (frames, 256)."""
    heard, given = np.concatenate([state[0], piece]), state[1]
    emphasised = heard - 0.97 * np.concatenate([[0.0], heard[:-1]]) if len(heard) else heard
    n_frames = max(0, (len(heard) - 256) // 80 + 1)
    frames = [emphasised[80 * t : 80 * t + 256] for t in range(given, n_frames)]
    return (heard, n_frames), np.reshape(frames, (-1, 256))
