# 2 of 3: counts a word that meets itself (passes the check)
def count_neighbours(sentences: list[str], vocabulary: list[str], window: int) -> np.ndarray:
    """How often two words stand at most `window` places apart: (words, words) int."""
    counts = np.zeros((len(vocabulary), len(vocabulary)), int)
    for sentence in sentences:
        words = sentence.split()
        for shift in range(1, window + 1):
            for a, b in zip(words, words[shift:]):
                if a in vocabulary and b in vocabulary:
                    counts[vocabulary.index(a), vocabulary.index(b)] += 1
    return counts + counts.T
