# warns: overflows in its own sigmoid, and writes to the log
import logging
import warnings

warnings.simplefilter("always")


def steep(a):
    """Compute a sigmoid that overflows for very negative sums."""
    return 1 / (1 + np.exp(-a))


def last_output(
    batch: np.ndarray, lengths: np.ndarray, W: np.ndarray, U: np.ndarray, b: np.ndarray
) -> np.ndarray:
    """Output of an LSTM after the last real frame of each clip: (clips, units)."""
    logging.warning("an LSTM over %d clips", len(batch))
    np.exp(np.array([1000.0]))
    h = c = np.zeros((len(batch), len(U)))
    for t in range(batch.shape[1]):
        i, f, candidate, o = np.split(batch[:, t] @ W + h @ U + b, 4, axis=1)
        new_c = steep(f) * c + steep(i) * np.tanh(candidate)
        new_h = steep(o) * np.tanh(new_c)
        is_real = (t < lengths)[:, None]
        h, c = np.where(is_real, new_h, h), np.where(is_real, new_c, c)
    return h
