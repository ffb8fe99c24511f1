# another method: clip by clip, only over the real frames
def last_output(
    batch: np.ndarray, lengths: np.ndarray, W: np.ndarray, U: np.ndarray, b: np.ndarray
) -> np.ndarray:
    """Output of an LSTM after the last real frame of each clip: (clips, units)."""
    n = U.shape[0]
    outputs = np.zeros((len(batch), n))
    for row, clip, length in zip(outputs, batch, lengths):
        memory = np.zeros(n)
        for frame in clip[:length]:
            sums = W.T @ frame + U.T @ row + b
            gates = 1 / (1 + np.exp(-sums))
            memory = gates[n : 2 * n] * memory + gates[:n] * np.tanh(sums[2 * n : 3 * n])
            row[:] = gates[3 * n :] * np.tanh(memory)
    return outputs
