# another method: the first 0.4 s are noise; runs of voice, joined, short ones dropped
def find_utterances(levels: np.ndarray) -> list[tuple[int, int]]:
    """First frame of each utterance, and the frame after its last: [(first, end), …]."""
    voice = levels > max(levels[:40].mean() + 6, -60)
    edges = np.flatnonzero(np.diff(voice.astype(int), prepend=0, append=0))
    runs = [(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2]) if b - a > 1]
    joined = []
    for first, end in runs:
        if joined and first - joined[-1][1] < 42:
            joined[-1] = joined[-1][0], end
        else:
            joined.append((first, end))
    return [(first, end) for first, end in joined if end - first > 11]
