# 1.5 of 2: writes the letter in lower case
def read_plot() -> dict[str, float | str]:
    """What the figure shows: classes, too_large, step."""
    return {"classes": 30, "too_large": "c", "step": 64}
