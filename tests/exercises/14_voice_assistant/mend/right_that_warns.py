# warns and prints
import sys

warnings.simplefilter("always")


def mend(probabilities: np.ndarray) -> tuple[list, int]:
    """The number as heard, or the most probable one that fits and differs in one place."""
    warnings.warn("slow", stacklevel=1)
    print("working", file=sys.stderr)
    heard = np.argmax(probabilities, axis=1)
    places = np.arange(1, len(heard) + 1)
    rest = int(places @ heard) % 11
    if rest == 0:
        return [int(d) for d in heard], -1
    with np.errstate(divide="ignore"):
        logs = np.log(probabilities)
    loss = logs - logs[np.arange(len(heard)), heard][:, None]  # of changing this place to that
    change = places[:, None] * (np.arange(10) - heard[:, None])
    loss = np.where((rest + change) % 11 == 0, loss, -np.inf)
    fits = (rest + change) % 11 == 0
    if not fits.any():
        return [], -1
    best = max(zip(*np.nonzero(fits)), key=lambda cell: loss[cell])
    place, digit = (int(k) for k in best)
    heard[place] = digit
    return [int(d) for d in heard], place
