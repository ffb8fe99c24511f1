# another method: joins all pieces, running sums of the squares, running maximum
def faulty_line() -> int:
    """Number of the line in the listing."""
    return 4


def levels_of_stream(pieces: list[np.ndarray]) -> np.ndarray:
    """Level of each frame in dB below the loudest so far (frames,), at least -60."""
    sound = np.concatenate([np.zeros(0), *pieces])
    if len(sound) < 256:
        return np.zeros(0)
    frames = np.lib.stride_tricks.sliding_window_view(sound, 256)[::80]
    level_db = 10 * np.log10(np.einsum("tn,tn->t", frames, frames) / 256 + 1e-12)
    return np.clip(level_db - np.maximum.accumulate(level_db), -60, 0)
