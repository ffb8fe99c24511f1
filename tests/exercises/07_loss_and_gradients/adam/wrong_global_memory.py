# 1 of 3: keeps its memory in a global variable, so it is not saved (passes the check)
steps, m, v = 0, [], []


def adam_step(
    weights: list[np.ndarray], gradients: list[np.ndarray], memory, learning_rate: float
) -> tuple[list[np.ndarray], object]:
    """One step of Adam: new weights, and the memory for the next step."""
    global steps, m, v
    if memory is None:
        steps, m, v = 0, [np.zeros_like(w) for w in weights], [np.zeros_like(w) for w in weights]
    steps += 1
    m = [0.9 * a + 0.1 * g for a, g in zip(m, gradients)]
    v = [0.999 * a + 0.001 * g**2 for a, g in zip(v, gradients)]
    rate = learning_rate * np.sqrt(1 - 0.999**steps) / (1 - 0.9**steps)
    return [w - rate * a / (np.sqrt(c) + 1e-7) for w, a, c in zip(weights, m, v)], "in use"
