# warns: appends in a way that NumPy will not like, and logs each block
import logging
import warnings


def lift_block(block: np.ndarray, before: float, a: float) -> tuple[np.ndarray, float]:
    """Pre-emphasis of a block (samples,) that follows the sample `before`, and its last sample."""
    logging.warning("a block of %d samples", len(block))
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn("a loop is slow", RuntimeWarning)
    lifted = []
    for sample in block:
        lifted.append(sample - a * before)
        before = float(sample)
    return np.array(lifted), before
