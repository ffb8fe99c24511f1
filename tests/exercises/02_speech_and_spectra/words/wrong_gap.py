# 2 of 3: a pause of just longest_gap frames ends a word (passes the check)
def find_words(levels: np.ndarray, top_db: float, longest_gap: int) -> list[tuple[int, int]]:
    """First frame of each word, and the frame after its last: from levels (frames,) in dB."""
    loud = np.flatnonzero(levels >= np.max(levels) - top_db)
    groups = np.split(loud, np.flatnonzero(np.diff(loud) > max(1, longest_gap)) + 1)
    return [(int(group[0]), int(group[-1]) + 1) for group in groups]
