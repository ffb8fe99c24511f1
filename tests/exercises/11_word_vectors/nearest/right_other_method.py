# another method: the smallest distance on the unit sphere
def nearest_words(
    outputs: np.ndarray, table: np.ndarray, words: list[str], least: float
) -> list[str | None]:
    """Word with the largest cosine with each output, None if it is below `least`."""
    if np.shape(table) != (len(words), np.shape(outputs)[1]):
        raise ValueError("the table does not fit")
    found = []
    unit = table / np.linalg.norm(table, axis=1, keepdims=True)
    for output in outputs:
        length = np.linalg.norm(output)
        if not length:
            found.append(None)
            continue
        gaps = ((unit - output / length) ** 2).sum(axis=1)
        k = int(gaps.argmin())
        found.append(words[k] if 1 - gaps[k] / 2 >= least else None)
    return found
