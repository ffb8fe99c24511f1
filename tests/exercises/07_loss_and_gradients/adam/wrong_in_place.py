# 2 of 3: changes the memory it was given (passes the check)
def adam_step(
    weights: list[np.ndarray], gradients: list[np.ndarray], memory, learning_rate: float
) -> tuple[list[np.ndarray], object]:
    """One step of Adam: new weights, and the memory for the next step."""
    if memory is None:
        memory = 0, [np.zeros_like(w) for w in weights], [np.zeros_like(w) for w in weights]
    steps, m, v = memory
    steps = steps + 1
    for a, c, g in zip(m, v, gradients):
        a += 0.1 * (g - a)
        c += 0.001 * (g**2 - c)
    rate = learning_rate * np.sqrt(1 - 0.999**steps) / (1 - 0.9**steps)
    new = [w - rate * a / (np.sqrt(c) + 1e-7) for w, a, c in zip(weights, m, v)]
    return new, (steps, m, v)
