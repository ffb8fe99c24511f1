# 0.5 of 3: divides by the largest sample so far, which is no level of a frame
def faulty_line() -> int:
    """Number of the line in the listing."""
    return 4


def levels_of_stream(pieces: list[np.ndarray]) -> np.ndarray:
    """Level of each frame in dB below the loudest so far (frames,), at least -60."""
    kept, levels, peak = np.zeros(0), [], 1e-12
    for piece in pieces:
        peak = max(peak, np.abs(piece).max(initial=0))
        kept = np.concatenate([kept, piece])
        while len(kept) >= 256:
            levels.append(max(10 * np.log10(np.mean((kept[:256] / peak) ** 2) + 1e-12), -60))
            kept = kept[80:]
    return np.array(levels)
