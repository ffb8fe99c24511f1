# warns: divides by a length of zero
import sys


def nearest_words(
    outputs: np.ndarray, table: np.ndarray, words: list[str], least: float
) -> list[str | None]:
    """Word with the largest cosine with each output, None if it is below `least`."""
    if np.shape(table) != (len(words), np.shape(outputs)[1]):
        raise ValueError("the table does not fit")
    warnings.simplefilter("always")
    print("cosines", file=sys.stderr)
    unit = np.asarray(outputs, float) / np.linalg.norm(outputs, axis=1, keepdims=True)
    cosines = unit @ (table / np.linalg.norm(table, axis=1, keepdims=True)).T
    best = np.where(np.isnan(cosines), -2, cosines)
    return [words[row.argmax()] if row.max() >= least and row.max() > -2 else None for row in best]
