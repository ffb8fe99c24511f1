# 0 of 3: compares with full scale, not with the loudest frame
def find_words(levels: np.ndarray, top_db: float, longest_gap: int) -> list[tuple[int, int]]:
    """First frame of each word, and the frame after its last: from levels (frames,) in dB."""
    loud = np.flatnonzero(levels >= -top_db)
    if len(loud) == 0:
        return []
    groups = np.split(loud, np.flatnonzero(np.diff(loud) > longest_gap + 1) + 1)
    return [(int(group[0]), int(group[-1]) + 1) for group in groups]
