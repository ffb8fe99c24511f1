# warns: a loop that prints
import sys


def contrastive_loss(
    outputs: np.ndarray, labels: np.ndarray, table: np.ndarray, scale: float
) -> tuple[np.ndarray, np.ndarray]:
    """Loss of each clip (clips,), and the row of the nearest word (clips,)."""
    unit = table / np.linalg.norm(table, axis=1, keepdims=True)
    cosines = outputs / np.linalg.norm(outputs, axis=1, keepdims=True) @ unit.T
    warnings.warn("slow", stacklevel=1)
    losses = []
    for row, label in zip(cosines, labels):
        print(label, file=sys.stderr)
        shifted = scale * (row - row.max())
        losses.append(np.log(np.sum(np.exp(shifted))) - shifted[label])
    return np.array(losses), cosines.argmax(1)
