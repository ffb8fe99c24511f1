# 1 of 3: takes one curve for the other (passes the check)
def read_plot() -> dict[str, float]:
    """What the figure shows: bits_common, bits_own, weights_kb, arena_kb."""
    return {"bits_common": 5, "bits_own": 7, "weights_kb": 42, "arena_kb": 25}
