# less than 4 of 4: how frequent, not how rare
def keywords(documents: list[str], n: int) -> list[list[str]]:
    """The n words of each document with the largest TF-IDF, largest first."""
    if not documents:
        raise ValueError("no documents")
    texts = [text.lower().split() for text in documents]
    found = []
    for text in texts:
        scores = {w: text.count(w) for w in text}
        found.append(sorted(scores, key=lambda w: (-round(scores[w], 9), w))[:n])
    return found
