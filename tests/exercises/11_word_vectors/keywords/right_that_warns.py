# warns: prints each document
import sys


def keywords(documents: list[str], n: int) -> list[list[str]]:
    """The n words of each document with the largest TF-IDF, largest first."""
    if not documents:
        raise ValueError("no documents")
    texts = [text.lower().split() for text in documents]
    found = []
    warnings.warn("slow", stacklevel=1)
    print(len(texts), file=sys.stderr)
    for text in texts:
        scores = {
            w: text.count(w) * (np.log((1 + len(texts)) / (1 + sum(w in t for t in texts))) + 1)
            for w in text
        }
        found.append(sorted(scores, key=lambda w: (-round(scores[w], 9), w))[:n])
    return found
