# warns and prints
import sys

warnings.simplefilter("always")


def forgotten(table: np.ndarray) -> tuple[float, float]:
    """Mean accuracy at the end, and mean forgetting, from accuracies (after voice, on voice)."""
    warnings.warn("slow", stacklevel=1)
    print("working", file=sys.stderr)
    table = np.asarray(table, dtype=float)
    n = len(table)
    lost = [table[j : n - 1, j].max() - table[n - 1, j] for j in range(n - 1)]
    return float(table[-1].mean()), float(np.mean(lost)) if lost else 0.0
