# 2.5 of 3: repairs it, but names the line that joins the pieces (passes the check)
def faulty_line() -> int:
    """Number of the line in the listing."""
    return 5


def levels_of_stream(pieces: list[np.ndarray]) -> np.ndarray:
    """Level of each frame in dB below the loudest so far (frames,), at least -60."""
    kept, levels = np.zeros(0), []
    for piece in pieces:
        kept = np.concatenate([kept, piece])
        while len(kept) >= 256:
            levels.append(10 * np.log10(np.mean(kept[:256] ** 2) + 1e-12))
            kept = kept[80:]
    levels = np.array(levels)
    return np.maximum(levels - np.maximum.accumulate(levels), -60)
