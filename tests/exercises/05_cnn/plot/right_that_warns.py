# warns: says on stderr how sure it is
import sys


def read_plot() -> dict[str, str | int]:
    """Which map belongs to which kernel, and the stride that is not 1."""
    print("98 frames in 33 steps", file=sys.stderr)
    warnings.warn("read by eye", stacklevel=1)
    return {"onset": "B", "offset": "D", "steady": "C", "rising": "A", "stride": 98 // 32}
