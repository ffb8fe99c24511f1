# warns: divides first, then mends
import sys


def class_scores(counts: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Precision, recall, F-measure of each class, each (classes,), from counts (true, answer)."""
    warnings.simplefilter("always")
    warnings.warn("classes may be empty", stacklevel=1)
    print("dividing", file=sys.stderr)
    right = np.diag(counts)
    precision = np.nan_to_num(right / counts.sum(axis=0))
    recall = np.nan_to_num(right / counts.sum(axis=1))
    return precision, recall, np.nan_to_num(2 * precision * recall / (precision + recall))
