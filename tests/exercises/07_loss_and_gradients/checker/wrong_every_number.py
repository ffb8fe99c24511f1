# 3 of 4: moves every number by itself, with far too many calls (passes the check)
def wrong_gradients(
    loss, weights: dict[str, np.ndarray], gradients: dict[str, np.ndarray]
) -> list[str]:
    """Names of the arrays whose gradient disagrees with central differences."""
    wrong = []
    for name, array in weights.items():
        found = np.zeros_like(array)
        for place in np.ndindex(array.shape):
            before = array[place]
            array[place] = before + 1e-5
            above = loss()
            array[place] = before - 1e-5
            found[place] = (above - loss()) / 2e-5
            array[place] = before
        distance = np.linalg.norm(found - gradients[name])
        if distance > 1e-4 * (np.linalg.norm(found) + np.linalg.norm(gradients[name])):
            wrong.append(name)
    return sorted(wrong)
