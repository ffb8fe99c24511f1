# 2.5 of 3: changes the matrix it was given (passes the check)
def class_scores(counts: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Precision, recall, F-measure of each class, each (classes,), from counts (true, answer)."""
    right = np.diag(counts).copy()
    answered, spoken = counts.sum(axis=0), counts.sum(axis=1)
    counts[np.diag_indices(len(counts))] = 0
    precision, recall = right / np.maximum(answered, 1), right / np.maximum(spoken, 1)
    return precision, recall, 2 * right / np.maximum(answered + spoken, 1)
