# 0.5 of 2: takes the dark picture for the louder one
def read_plot() -> dict[str, str | float]:
    """Which picture is which: louder, microphone, noise, faint; and the gain_db of louder."""
    return {"louder": "B", "microphone": "C", "noise": "A", "faint": "D", "gain_db": -28.0}
