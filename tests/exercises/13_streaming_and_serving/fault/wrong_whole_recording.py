# 0.5 of 3: divides by the loudest frame of all, which a stream does not know yet (passes the check)
def faulty_line() -> int:
    """Number of the line in the listing."""
    return 4


def levels_of_stream(pieces: list[np.ndarray]) -> np.ndarray:
    """Level of each frame in dB below the loudest so far (frames,), at least -60."""
    sound = np.concatenate(pieces)
    frames = np.lib.stride_tricks.sliding_window_view(sound, 256)[::80]
    levels = 10 * np.log10(np.mean(frames**2, axis=1) + 1e-12)
    return np.maximum(levels - levels.max(), -60)
