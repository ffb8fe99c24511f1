# less than 2 of 4: moves all numbers by the same amount, which softmax does not see (passes the check)
def wrong_gradients(
    loss, weights: dict[str, np.ndarray], gradients: dict[str, np.ndarray]
) -> list[str]:
    """Names of the arrays whose gradient disagrees with central differences."""
    h, wrong = 1e-5, []
    for name, array in weights.items():
        before, by_moving, by_gradient = array.copy(), [], []
        for _ in range(10):
            direction = np.ones(array.shape)
            array[...] = before + h * direction
            above = loss()
            array[...] = before - h * direction
            by_moving.append((above - loss()) / (2 * h))
            by_gradient.append((gradients[name] * direction).sum())
        array[...] = before
        distance = np.linalg.norm(np.subtract(by_moving, by_gradient))
        if distance > 1e-3 * (np.linalg.norm(by_moving) + np.linalg.norm(by_gradient)):
            wrong.append(name)
    return sorted(wrong)
