# 1.5 of 3: each piece is cut into frames alone, so those at the joints are lost
def faulty_line() -> int:
    """Number of the line in the listing."""
    return 4


def levels_of_stream(pieces: list[np.ndarray]) -> np.ndarray:
    """Level of each frame in dB below the loudest so far (frames,), at least -60."""
    levels, loudest = [], -np.inf
    for piece in pieces:
        for t in range(0, len(piece) - 255, 80):
            level = 10 * np.log10(np.mean(piece[t : t + 256] ** 2) + 1e-12)
            loudest = max(level, loudest)
            levels.append(max(level - loudest, -60))
    return np.array(levels)
