# less than 2 of 2: the mean is that of the diagonal
def forgotten(table: np.ndarray) -> tuple[float, float]:
    """Mean accuracy at the end, and mean forgetting, from accuracies (after voice, on voice)."""
    table = np.asarray(table, dtype=float)
    n = len(table)
    lost = [table[j : n - 1, j].max() - table[n - 1, j] for j in range(n - 1)]
    return float(table.diagonal().mean()), float(np.mean(lost)) if lost else 0.0
