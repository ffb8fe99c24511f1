# 2.5 of 4: equal weights in the order of the text (passes the check)
def keywords(documents: list[str], n: int) -> list[list[str]]:
    """The n words of each document with the largest TF-IDF, largest first."""
    if not documents:
        raise ValueError("no documents")
    texts = [text.lower().split() for text in documents]
    found = []
    for text in texts:
        scores = {
            w: text.count(w) * (np.log((1 + len(texts)) / (1 + sum(w in t for t in texts))) + 1)
            for w in text
        }
        found.append(sorted(scores, key=lambda w: -round(scores[w], 9))[:n])
    return found
