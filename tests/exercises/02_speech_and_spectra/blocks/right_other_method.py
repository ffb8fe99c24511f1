# another method: SciPy's filter, with its state
import scipy.signal


def lift_block(block: np.ndarray, before: float, a: float) -> tuple[np.ndarray, float]:
    """Pre-emphasis of a block (samples,) that follows the sample `before`, and its last sample."""
    if len(block) == 0:
        return np.zeros(0), before
    lifted, _ = scipy.signal.lfilter([1.0, -a], [1.0], block, zi=[-a * before])
    return lifted, float(block[-1])
