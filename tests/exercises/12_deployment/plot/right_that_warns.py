# warns: read with a ruler, and printed
import sys


def read_plot() -> dict[str, float]:
    """What the figure shows: bits_common, bits_own, weights_kb, arena_kb."""
    warnings.simplefilter("always")
    warnings.warn("read with a ruler", stacklevel=1)
    print("92 % is not enough", file=sys.stderr)
    return {"bits_common": 7, "bits_own": 5, "weights_kb": 30.1, "arena_kb": 24.6}
