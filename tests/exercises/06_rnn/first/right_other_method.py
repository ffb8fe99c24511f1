# another method: both units write, but a unit that shows keeps the other's output gate shut
def which_came_first() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Weights W (2, 8), U (2, 8), b (8,) of an LSTM that remembers which event came first."""
    i, f, candidate, o = (np.arange(2) + 2 * gate for gate in range(4))
    W, U, b = np.zeros((2, 8)), np.zeros((2, 8)), np.zeros(8)
    W[[0, 1], i] = 100
    b[i], b[f], b[candidate], b[o] = -60, 12, 4, 8
    U[[1, 0], o] = -30
    return W, U, b
