# another method: a table of all weights
def keywords(documents: list[str], n: int) -> list[list[str]]:
    """The n words of each document with the largest TF-IDF, largest first."""
    if len(documents) == 0:
        raise ValueError("no documents")
    texts = [text.lower().split() for text in documents]
    names = sorted({w for text in texts for w in text})
    term = np.array([[text.count(w) for w in names] for text in texts], float).reshape(
        len(texts), -1
    )
    table = term * (np.log((1 + len(texts)) / (1 + (term > 0).sum(axis=0))) + 1)
    order = np.argsort(-table.round(9), axis=1, kind="stable")
    return [[names[k] for k in o if term[i, k]][:n] for i, o in enumerate(order)]
