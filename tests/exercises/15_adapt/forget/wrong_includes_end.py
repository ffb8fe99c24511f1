# less than 2 of 2: the end is among the best, so that nothing gets better
def forgotten(table: np.ndarray) -> tuple[float, float]:
    """Mean accuracy at the end, and mean forgetting, from accuracies (after voice, on voice)."""
    table = np.asarray(table, dtype=float)
    n = len(table)
    lost = [table[j:, j].max() - table[n - 1, j] for j in range(n - 1)]
    return float(table[-1].mean()), float(np.mean(lost)) if lost else 0.0
