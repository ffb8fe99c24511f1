# 3.5 of 4: moves x itself (passes the check)
def attack(
    x: np.ndarray, labels: np.ndarray, weights: np.ndarray, bias: np.ndarray, size: float
) -> np.ndarray:
    """Fast gradient sign attack on softmax regression: (clips, numbers) in [-1, 1]."""
    z = x @ weights + bias
    p = np.exp(z - z.max(axis=1)[:, None])
    p = p / p.sum(axis=1)[:, None]
    x += size * np.sign((p - np.eye(len(bias))[labels]) @ weights.T)
    return np.clip(x, -1, 1)
