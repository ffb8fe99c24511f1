# 1 of 2: the delay with a piece of 300 ms; streams from the time for 100 ms (passes the check)
def read_plot() -> dict[str, float]:
    """What the figure shows: p95_ms, algorithmic_ms, longest_ms, streams."""
    return {"p95_ms": 63, "algorithmic_ms": 62, "longest_ms": 377, "streams": 5}
