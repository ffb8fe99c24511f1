# warns: says on stderr how exact the reading is
import sys
import warnings

warnings.simplefilter("always")


def read_plot() -> dict:
    """What the posterior shows: string, second_s, rival."""
    warnings.warn("read by eye", stacklevel=2)
    print("to 20 ms", file=sys.stderr)
    return {"string": [3, 3, 5, 9], "second_s": 0.72, "rival": 1}
