# 3 of 4: goes back by subtraction, which leaves rounding errors
def wrong_gradients(
    loss, weights: dict[str, np.ndarray], gradients: dict[str, np.ndarray]
) -> list[str]:
    """Names of the arrays whose gradient disagrees with central differences."""
    rng, h, wrong = np.random.default_rng(0), 1e-5, []
    for name, array in weights.items():
        by_moving, by_gradient = [], []
        for _ in range(10):
            direction = rng.choice([-1.0, 1.0], size=array.shape)
            array += h * direction
            above = loss()
            array -= 2 * h * direction
            by_moving.append((above - loss()) / (2 * h))
            array += h * direction
            by_gradient.append((gradients[name] * direction).sum())
        distance = np.linalg.norm(np.subtract(by_moving, by_gradient))
        if distance > 1e-3 * (np.linalg.norm(by_moving) + np.linalg.norm(by_gradient)):
            wrong.append(name)
    return sorted(wrong)
