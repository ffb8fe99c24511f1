# warns: says on stderr how exact the reading is
import sys
import warnings

warnings.simplefilter("always")


def read_plot() -> dict[str, float]:
    """What the figure shows: factor_a, singular_b, bias_c."""
    warnings.warn("read by eye, to a fiftieth", stacklevel=2)
    print("A, B, C", file=sys.stderr)
    return {"factor_a": 0.8, "singular_b": 1.1, "bias_c": 4.0}
