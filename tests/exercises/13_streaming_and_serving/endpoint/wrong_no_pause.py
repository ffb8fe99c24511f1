# 0 of 4: every word is an utterance of its own
def find_utterances(levels: np.ndarray) -> list[tuple[int, int]]:
    """First frame of each utterance, and the frame after its last: [(first, end), …]."""
    voice = levels > np.median(levels[:40]) + 8
    edges = np.flatnonzero(np.diff(voice.astype(int), prepend=0, append=0))
    return [(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2])]
