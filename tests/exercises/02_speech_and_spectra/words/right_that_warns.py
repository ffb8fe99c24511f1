# warns: takes a logarithm of zero, and prints what it found
import warnings


def find_words(levels: np.ndarray, top_db: float, longest_gap: int) -> list[tuple[int, int]]:
    """First frame of each word, and the frame after its last: from levels (frames,) in dB."""
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        np.log10(np.zeros(1))
    loud = np.asarray(levels) >= np.max(levels) - top_db
    frames = np.flatnonzero(loud)
    words = []
    for group in np.split(frames, np.flatnonzero(np.diff(frames) - 1 > longest_gap) + 1):
        words.append((group[0], group[-1] + 1))
    print(len(words), "words")
    return words
