# 2 of 3: loses a word that reaches an end of the recording (passes the check)
def find_words(levels: np.ndarray, top_db: float, longest_gap: int) -> list[tuple[int, int]]:
    """First frame of each word, and the frame after its last: from levels (frames,) in dB."""
    loud = (levels >= np.max(levels) - top_db).astype(int)
    starts = np.flatnonzero(np.diff(loud) == 1) + 1
    ends = np.flatnonzero(np.diff(loud) == -1) + 1
    words = []
    for start, end in zip(starts, ends):
        if words and start - words[-1][1] <= longest_gap:
            words[-1] = (words[-1][0], int(end))
        else:
            words.append((int(start), int(end)))
    return words
