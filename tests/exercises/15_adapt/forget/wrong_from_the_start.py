# 1 of 2: counts accuracies from before the voice was learned (passes the check)
def forgotten(table: np.ndarray) -> tuple[float, float]:
    """Mean accuracy at the end, and mean forgetting, from accuracies (after voice, on voice)."""
    table = np.asarray(table, dtype=float)
    n = len(table)
    lost = [table[: n - 1, j].max() - table[n - 1, j] for j in range(n - 1)]
    return float(table[-1].mean()), float(np.mean(lost)) if lost else 0.0
