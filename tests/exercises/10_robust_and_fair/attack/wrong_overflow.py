# 3 of 4: exponentials of large logits (passes the check)
def attack(
    x: np.ndarray, labels: np.ndarray, weights: np.ndarray, bias: np.ndarray, size: float
) -> np.ndarray:
    """Fast gradient sign attack on softmax regression: (clips, numbers) in [-1, 1]."""
    p = np.exp(x @ weights + bias)
    p = p / p.sum(axis=1)[:, None]
    gradient = (p - np.eye(len(bias))[labels]) @ weights.T
    return np.clip(x + size * np.sign(gradient), -1, 1)
