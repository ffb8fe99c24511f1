# warns: says on stderr how exact the reading is
import sys
import warnings

warnings.simplefilter("always")


def read_plot() -> dict[str, float | str]:
    """What the figure shows: classes, too_large, step."""
    warnings.warn("read by eye", stacklevel=2)
    print("the loss starts at 3.4", file=sys.stderr)
    return {"classes": 30, "too_large": "C", "step": 64}
