# another method: keeps all gradients, and sums them anew in each step
def adam_step(
    weights: list[np.ndarray], gradients: list[np.ndarray], memory, learning_rate: float
) -> tuple[list[np.ndarray], object]:
    """One step of Adam: new weights, and the memory for the next step."""
    history = [*(memory or []), [g.copy() for g in gradients]]
    n = len(history)
    shares = np.array([[0.1 * 0.9 ** (n - k), 0.001 * 0.999 ** (n - k)] for k in range(1, n + 1)])
    new = []
    for i, w in enumerate(weights):
        m = sum(share * g[i] for share, g in zip(shares[:, 0], history))
        v = sum(share * g[i] ** 2 for share, g in zip(shares[:, 1], history))
        rate = learning_rate * (1 - 0.999**n) ** 0.5 / (1 - 0.9**n)
        new.append(w - rate * m / (v**0.5 + 1e-7))
    return new, history
