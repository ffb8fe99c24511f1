# 1.5 of 3: the second event makes the first forgotten (passes the check)
def which_came_first() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Weights W (2, 8), U (2, 8), b (8,) of an LSTM that remembers which event came first."""
    W, U, b = np.zeros((2, 8)), np.zeros((2, 8)), np.zeros(8)
    for unit, other in ((0, 1), (1, 0)):
        W[unit, unit] = 80
        W[other, 2 + unit] = -40
    b[:] = [-40, -40, 20, 20, 5, 5, 10, 10]
    return W, U, b
