# 1 of 2: takes the power for an amplitude: 20 log10 (passes the check)
def read_plot() -> dict[str, str | float]:
    """Which picture is which: louder, microphone, noise, faint; and the gain_db of louder."""
    return {"louder": "D", "microphone": "C", "noise": "A", "faint": "B", "gain_db": 16}
