# 0 of 4: takes the gates in the order i, f, o, candidate
def last_output(
    batch: np.ndarray, lengths: np.ndarray, W: np.ndarray, U: np.ndarray, b: np.ndarray
) -> np.ndarray:
    """Output of an LSTM after the last real frame of each clip: (clips, units)."""
    h = c = np.zeros((len(batch), len(U)))
    for t in range(batch.shape[1]):
        i, f, o, candidate = np.split(batch[:, t] @ W + h @ U + b, 4, axis=1)
        new_c = sigmoid(f) * c + sigmoid(i) * np.tanh(candidate)
        new_h = sigmoid(o) * np.tanh(new_c)
        is_real = (t < lengths)[:, None]
        h, c = np.where(is_real, new_h, h), np.where(is_real, new_c, c)
    return h
