# 1 of 3: takes precision for recall
def class_scores(counts: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Precision, recall, F-measure of each class, each (classes,), from counts (true, answer)."""
    right = np.diag(counts)
    precision = right / np.maximum(counts.sum(axis=1), 1)
    recall = right / np.maximum(counts.sum(axis=0), 1)
    return precision, recall, 2 * right / np.maximum(counts.sum(axis=0) + counts.sum(axis=1), 1)
