# warns: divides 0 by 0 for an unused array, and prints each result
import sys
import warnings

warnings.simplefilter("always")


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
        print(name, distance / np.linalg.norm(by_gradient), file=sys.stderr)
        if distance > 1e-3 * (np.linalg.norm(by_moving) + np.linalg.norm(by_gradient)):
            wrong.append(name)
    return sorted(wrong)
