# warns: says on stderr how exact the reading is
import sys


def read_plot() -> dict[str, str | float]:
    """Which picture is which: louder, microphone, noise, faint; and the gain_db of louder."""
    print("read off the bar of colours: 1.8, so 1.8 times 4.34 dB", file=sys.stderr)
    warnings.warn("within half a decibel", stacklevel=1)
    return {"louder": "D", "microphone": "C", "noise": "A", "faint": "B", "gain_db": 7.8}
