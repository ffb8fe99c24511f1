# 0.5 of 2: gives seconds for milliseconds
def read_plot() -> dict[str, float]:
    """What the figure shows: p95_ms, algorithmic_ms, longest_ms, streams."""
    return {"p95_ms": 0.063, "algorithmic_ms": 0.062, "longest_ms": 0.226, "streams": 20}
