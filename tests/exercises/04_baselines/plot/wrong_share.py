# 1.5 of 2: takes the height of the curve for the gap (passes the check)
def read_plot() -> dict[str, float | bool]:
    """What the figure shows: clips, gap, voices, level."""
    return {"clips": 60, "gap": 82, "voices": 16, "level": True}
