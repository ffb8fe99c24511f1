# 3 of 4: measures the level below the loudest frame of the recording (passes the check)
def find_utterances(levels: np.ndarray) -> list[tuple[int, int]]:
    """First frame of each utterance, and the frame after its last: [(first, end), …]."""
    found = []
    for t in np.flatnonzero(levels > levels.max() - 22):
        if found and t - found[-1][1] < 45:
            found[-1] = (found[-1][0], int(t) + 1)
        else:
            found.append((int(t), int(t) + 1))
    return [(first, end) for first, end in found if end - first > 12]
