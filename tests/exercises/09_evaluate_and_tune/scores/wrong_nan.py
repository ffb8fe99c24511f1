# 2 of 3: divides by zero where a class is empty (passes the check)
def class_scores(counts: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Precision, recall, F-measure of each class, each (classes,), from counts (true, answer)."""
    right = np.diag(counts)
    precision, recall = right / counts.sum(axis=0), right / counts.sum(axis=1)
    return precision, recall, 2 * precision * recall / (precision + recall)
