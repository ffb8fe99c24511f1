# another method: measures instead of reading
def read_plot() -> dict[str, float]:
    """What the figure shows: p95_ms, algorithmic_ms, longest_ms, streams."""
    seconds, delay = measured()
    lengths = np.arange(0, 400, 0.5)
    return {
        "p95_ms": float(np.percentile(seconds, 95)),
        "algorithmic_ms": float(delay(0)),
        "longest_ms": float(lengths[delay(lengths) <= 300].max()),
        "streams": int(1 / 0.05),
    }
