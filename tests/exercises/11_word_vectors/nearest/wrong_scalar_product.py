# less than 4 of 4: the scalar product, not the cosine
def nearest_words(
    outputs: np.ndarray, table: np.ndarray, words: list[str], least: float
) -> list[str | None]:
    """Word with the largest cosine with each output, None if it is below `least`."""
    if np.shape(table) != (len(words), np.shape(outputs)[1]):
        raise ValueError("the table does not fit")
    scores = outputs @ np.transpose(table)
    return [words[row.argmax()] if row.max() >= least else None for row in scores]
