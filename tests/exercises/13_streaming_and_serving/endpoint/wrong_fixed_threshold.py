# 3 of 4: one threshold for every noise (passes the check)
def find_utterances(levels: np.ndarray) -> list[tuple[int, int]]:
    """First frame of each utterance, and the frame after its last: [(first, end), …]."""
    found = []
    for t in np.flatnonzero(levels > -40):
        if found and t - found[-1][1] < 45:
            found[-1] = (found[-1][0], int(t) + 1)
        else:
            found.append((int(t), int(t) + 1))
    return [(first, end) for first, end in found if end - first > 12]
