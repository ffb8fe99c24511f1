# another method: short random steps of normal numbers, each judged by itself
def wrong_gradients(
    loss, weights: dict[str, np.ndarray], gradients: dict[str, np.ndarray]
) -> list[str]:
    """Names of the arrays whose gradient disagrees with central differences."""
    rng = np.random.default_rng(5)
    wrong = set()
    for name in weights:
        saved = np.copy(weights[name])
        for trial in range(19):
            move = rng.normal(size=saved.shape)
            move *= 1e-4 / np.linalg.norm(move)
            rise = []
            for sign in (1, -1):
                np.copyto(weights[name], saved + sign * move)
                rise.append(loss())
            seen, told = rise[0] - rise[1], 2 * np.sum(gradients[name] * move)
            largest = 2e-4 * np.linalg.norm(gradients[name]) / np.sqrt(saved.size)
            if abs(seen - told) > 1e-3 * largest + 1e-12:
                wrong.add(name)
        np.copyto(weights[name], saved)
    return sorted(wrong)
