# warns: a float matrix that is made int at the end
import sys


def count_neighbours(sentences: list[str], vocabulary: list[str], window: int) -> np.ndarray:
    """How often two words stand at most `window` places apart: (words, words) int."""
    print(len(sentences), "sentences", file=sys.stderr)
    warnings.warn("slow", stacklevel=1)
    counts = np.zeros((len(vocabulary), len(vocabulary)))
    for sentence in sentences:
        words = sentence.split()
        for i in range(len(words)):
            for j in range(len(words)):
                if 0 < abs(i - j) <= window and words[i] != words[j]:
                    if words[i] in vocabulary and words[j] in vocabulary:
                        counts[vocabulary.index(words[i]), vocabulary.index(words[j])] += 1
    return counts.astype(int)
