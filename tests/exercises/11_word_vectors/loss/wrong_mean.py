# less than 4 of 4: the mean of the losses
def contrastive_loss(
    outputs: np.ndarray, labels: np.ndarray, table: np.ndarray, scale: float
) -> tuple[np.ndarray, np.ndarray]:
    """Loss of each clip (clips,), and the row of the nearest word (clips,)."""
    unit = table / np.linalg.norm(table, axis=1, keepdims=True)
    cosines = outputs / np.linalg.norm(outputs, axis=1, keepdims=True) @ unit.T
    right = cosines[np.arange(len(labels)), labels][:, None]
    return np.mean(np.logaddexp.reduce(scale * (cosines - right), axis=1)), np.argmax(
        cosines, axis=1
    )
