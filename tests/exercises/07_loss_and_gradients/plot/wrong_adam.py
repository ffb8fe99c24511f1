# 0.5 of 2: ten classes, because there are ten digits, and the wrong curve (passes the check)
def read_plot() -> dict[str, float | str]:
    """What the figure shows: classes, too_large, step."""
    return {"classes": 10, "too_large": "D", "step": 64}
