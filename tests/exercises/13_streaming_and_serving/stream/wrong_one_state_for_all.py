# 3 of 4: changes the state that it is given (passes the check)
def start() -> object:
    """Return the state of a stream that has heard nothing."""
    return {"last": 0.0, "kept": np.zeros(0)}


def step(state: object, piece: np.ndarray) -> tuple[object, np.ndarray]:
    """Hear a piece (samples,): the new state, and the new frames (frames, 256)."""
    before = np.concatenate([[state["last"]], piece])
    kept = np.concatenate([state["kept"], before[1:] - 0.97 * before[:-1]])
    n_frames = max(0, (len(kept) - 256) // 80 + 1)
    frames = np.array([kept[80 * t : 80 * t + 256] for t in range(n_frames)]).reshape(-1, 256)
    state["last"], state["kept"] = before[-1], kept[80 * n_frames :]
    return state, frames
