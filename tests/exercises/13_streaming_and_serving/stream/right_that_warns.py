# warns: prints how much it keeps, and takes a mean of nothing
import sys


def start() -> object:
    """Return the state of a stream that has heard nothing."""
    return {"last": 0.0, "kept": np.zeros(0)}


def step(state: object, piece: np.ndarray) -> tuple[object, np.ndarray]:
    """Hear a piece (samples,): the new state, and the new frames (frames, 256)."""
    warnings.simplefilter("always")
    if len(piece) > 1:
        np.mean(np.zeros(0))
        print("kept:", len(state["kept"]), file=sys.stderr)
    new = piece.astype(float)
    if len(piece):
        new[1:] -= 0.97 * piece[:-1]
        new[0] -= 0.97 * state["last"]
    samples = np.append(state["kept"], new)
    frames = np.zeros((0, 256))
    if len(samples) >= 256:
        frames = np.lib.stride_tricks.sliding_window_view(samples, 256)[::80].copy()
    last = piece[-1] if len(piece) else state["last"]
    return {"last": last, "kept": samples[80 * len(frames) :].copy()}, frames
