# warns: says on stderr how exact the reading is
import sys


def read_plot() -> dict[str, float | bool]:
    """What the figure shows: clips, gap, voices, level."""
    print("read with a ruler", file=sys.stderr)
    warnings.warn("within a point", stacklevel=1)
    return {"clips": 62.0, "gap": 17.5, "voices": 16, "level": True}
