# another method: class by class
def class_scores(counts: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Precision, recall, F-measure of each class, each (classes,), from counts (true, answer)."""
    rows = []
    for k in range(len(counts)):
        tp = counts[k, k]
        fp = sum(counts[j, k] for j in range(len(counts)) if j != k)
        fn = sum(counts[k, j] for j in range(len(counts)) if j != k)
        precision = tp / (tp + fp) if tp + fp else 0.0
        recall = tp / (tp + fn) if tp + fn else 0.0
        both = precision + recall
        rows.append((precision, recall, 2 * precision * recall / both if both else 0.0))
    return tuple(np.array(column, float) for column in zip(*rows))
