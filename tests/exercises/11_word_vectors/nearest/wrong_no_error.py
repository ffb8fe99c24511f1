# 3 of 4: uses as much of the table as fits (passes the check)
def nearest_words(
    outputs: np.ndarray, table: np.ndarray, words: list[str], least: float
) -> list[str | None]:
    """Word with the largest cosine with each output, None if it is below `least`."""
    n = min(len(words), len(table))
    width = min(np.shape(outputs)[1], np.shape(table)[1])
    outputs, table = outputs[:, :width], table[:n, :width]
    unit = table / np.linalg.norm(table, axis=1, keepdims=True)
    lengths = np.linalg.norm(outputs, axis=1)
    scores = outputs @ unit.T / np.maximum(lengths, 1e-12)[:, None]
    return [words[r.argmax()] if r.max() >= least and s else None for r, s in zip(scores, lengths)]
