# with plain lists
def forgotten(table: np.ndarray) -> tuple[float, float]:
    """Mean accuracy at the end, and mean forgetting, from accuracies (after voice, on voice)."""
    rows = [list(map(float, row)) for row in table]
    end = rows[-1]
    lost = [max(row[j] for row in rows[j:-1]) - end[j] for j in range(len(rows) - 1)]
    return sum(end) / len(end), sum(lost) / max(1, len(lost))
