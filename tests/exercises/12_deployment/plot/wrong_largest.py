# 2 of 3: the largest output alone, without the input of its layer (passes the check)
def read_plot() -> dict[str, float]:
    """What the figure shows: bits_common, bits_own, weights_kb, arena_kb."""
    return {"bits_common": 7, "bits_own": 5, "weights_kb": 30, "arena_kb": 16}
