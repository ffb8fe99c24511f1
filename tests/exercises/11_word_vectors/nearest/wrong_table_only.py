# less than 4 of 4: forgets the length of the outputs
def nearest_words(
    outputs: np.ndarray, table: np.ndarray, words: list[str], least: float
) -> list[str | None]:
    """Word with the largest cosine with each output, None if it is below `least`."""
    if np.shape(table) != (len(words), np.shape(outputs)[1]):
        raise ValueError("the table does not fit")
    unit = table / np.linalg.norm(table, axis=1, keepdims=True)
    scores = outputs @ unit.T
    return [
        words[r.argmax()] if r.max() >= least and np.any(o) else None
        for r, o in zip(scores, outputs)
    ]
