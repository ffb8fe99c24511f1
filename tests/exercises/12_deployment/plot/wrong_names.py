# 0 of 3: other names
def read_plot() -> dict[str, float]:
    """What the figure shows: bits_common, bits_own, weights_kb, arena_kb."""
    return {"common": 7, "own": 5, "weights": 30, "arena": 25}
