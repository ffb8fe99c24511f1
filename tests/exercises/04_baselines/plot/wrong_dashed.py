# 0.5 of 2: reads the curve of the new voices for the known ones (passes the check)
def read_plot() -> dict[str, float | bool]:
    """What the figure shows: clips, gap, voices, level."""
    return {"clips": 240, "gap": 25, "voices": 8, "level": True}
