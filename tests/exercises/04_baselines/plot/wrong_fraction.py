# 1.5 of 2: gives the gap as a fraction
def read_plot() -> dict[str, float | bool]:
    """What the figure shows: clips, gap, voices, level."""
    return {"clips": 60, "gap": 0.18, "voices": 16, "level": True}
