# warns and prints
def attack(
    x: np.ndarray, labels: np.ndarray, weights: np.ndarray, bias: np.ndarray, size: float
) -> np.ndarray:
    """Fast gradient sign attack on softmax regression: (clips, numbers) in [-1, 1]."""
    import sys

    print("attacking", file=sys.stderr)
    warnings.warn("dangerous", stacklevel=1)
    z = x @ weights + bias
    p = np.exp(z - z.max(axis=1)[:, None])
    p = p / p.sum(axis=1)[:, None]
    gradient = (p - np.eye(len(bias))[labels]) @ weights.T
    return np.clip(x + size * np.sign(gradient), -1, 1)
