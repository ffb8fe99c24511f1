# warns: an integer division by zero that does not matter, and a printed line for each clip
import sys
import warnings


def faulty_line() -> int:
    """Number of the line in the listing."""
    return 11


def front_end(clip: np.ndarray) -> np.ndarray:
    """Everything between a clip (samples,) and the features (129,) that are compared."""
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        np.log10(np.zeros(1))
    return mean_spectrum(lift(0.1 * clip / rms(clip)))


def recognise(clip: np.ndarray, known: tuple[np.ndarray, np.ndarray]) -> int:
    """Label of the known clip whose features are nearest."""
    features, labels = known
    distances = ((features - front_end(clip)[None]) ** 2).sum(axis=1)
    print("nearest:", distances.argmin(), file=sys.stderr)
    return int(labels[distances.argmin()])
