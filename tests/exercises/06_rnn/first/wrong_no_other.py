# 1.5 of 3: each unit minds its own event only (passes the check)
def which_came_first() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Weights W (2, 8), U (2, 8), b (8,) of an LSTM that remembers which event came first."""
    W, U, b = np.zeros((2, 8)), np.zeros((2, 8)), np.zeros(8)
    for unit, other in ((0, 1), (1, 0)):
        W[unit, unit] = 80  # the unit's own event opens its input gate
    b[:] = [-40, -40, 10, 10, 5, 5, 10, 10]  # shut, keep, write 1, show
    return W, U, b
