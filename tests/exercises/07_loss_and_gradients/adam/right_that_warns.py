# warns: a deprecated function of its own, and a line in the log
import logging
import warnings

warnings.simplefilter("always")


def adam_step(
    weights: list[np.ndarray], gradients: list[np.ndarray], memory, learning_rate: float
) -> tuple[list[np.ndarray], object]:
    """One step of Adam: new weights, and the memory for the next step."""
    warnings.warn("use the optimiser of the library", DeprecationWarning, stacklevel=2)
    logging.warning("a step of %g", learning_rate)
    if memory is None:
        memory = 0, [np.zeros_like(w) for w in weights], [np.zeros_like(w) for w in weights]
    steps, m, v = memory
    steps = steps + 1
    m = [0.9 * a + 0.1 * g for a, g in zip(m, gradients)]
    v = [0.999 * a + 0.001 * g**2 for a, g in zip(v, gradients)]
    rate = learning_rate * np.sqrt(1 - 0.999**steps) / (1 - 0.9**steps)
    new = [w - rate * a / (np.sqrt(c) + 1e-7) for w, a, c in zip(weights, m, v)]
    return new, (steps, m, v)
