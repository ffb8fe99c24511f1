# warns: a deprecated function of its own, and a printed line
import sys
import warnings

warnings.simplefilter("always")


def forget_bias(seconds: float, hop_length: int, sample_rate: float) -> float:
    """Bias of a forget gate that keeps one half of the memory for `seconds`."""
    warnings.warn("use the vectorised function", DeprecationWarning, stacklevel=2)
    print("bias for", seconds, "seconds", file=sys.stderr)
    steps = seconds * sample_rate / hop_length
    forget = 0.5 ** (1 / steps)
    return float(np.log(forget / (1 - forget)))
