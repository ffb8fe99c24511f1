# 1.5 of 2: the shoulder of the curve for the 95th percentile (passes the check)
def read_plot() -> dict[str, float]:
    """What the figure shows: p95_ms, algorithmic_ms, longest_ms, streams."""
    return {"p95_ms": 9, "algorithmic_ms": 62, "longest_ms": 226, "streams": 20}
