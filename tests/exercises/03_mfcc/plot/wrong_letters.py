# 1 of 2: takes the noise for a gain, and the gain for a microphone (passes the check)
def read_plot() -> dict[str, str | float]:
    """Which picture is which: louder, microphone, noise, faint; and the gain_db of louder."""
    return {"louder": "A", "microphone": "D", "noise": "C", "faint": "B", "gain_db": 8.0}
