# warns: says on stderr how exact the reading is
import sys


def read_plot() -> dict[str, float]:
    """What the figure shows: p95_ms, algorithmic_ms, longest_ms, streams."""
    print("read with a ruler, within 5 ms", file=sys.stderr)
    warnings.warn("by eye", stacklevel=1)
    return {"p95_ms": 62.0, "algorithmic_ms": 60, "longest_ms": 225, "streams": 20}
