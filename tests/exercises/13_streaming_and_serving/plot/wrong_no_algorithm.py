# 1 of 2: takes the whole delay for buffering (passes the check)
def read_plot() -> dict[str, float]:
    """What the figure shows: p95_ms, algorithmic_ms, longest_ms, streams."""
    return {"p95_ms": 63, "algorithmic_ms": 0, "longest_ms": 286, "streams": 20}
