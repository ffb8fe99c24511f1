# warns: the mean of an empty piece, of which NumPy warns
import sys


def faulty_line() -> int:
    """Number of the line in the listing."""
    return 4


def levels_of_stream(pieces: list[np.ndarray]) -> np.ndarray:
    """Level of each frame in dB below the loudest so far (frames,), at least -60."""
    warnings.simplefilter("always")
    np.mean(np.zeros(0))
    print(len(pieces), "pieces", file=sys.stderr)
    kept, relative, loudest = np.zeros(0), [], None
    for piece in pieces:
        kept = np.append(kept, piece)
        n_frames = max(0, 1 + (len(kept) - 256) // 80)
        for t in range(n_frames):
            level = 10 * np.log10(np.mean(kept[80 * t : 80 * t + 256] ** 2) + 1e-12)
            loudest = level if loudest is None else max(loudest, level)
            relative.append(max(-60.0, level - loudest))
        kept = kept[80 * n_frames :]
    return np.array(relative)
