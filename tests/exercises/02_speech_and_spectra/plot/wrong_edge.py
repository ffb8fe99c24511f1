# 1 of 2: gives the edge itself, not twice the edge (passes the check)
def read_plot() -> dict[str, float]:
    """What the spectrogram shows: whistle_hz, click_s, stored_hz."""
    return {"whistle_hz": 1450, "click_s": 0.55, "stored_hz": 2600}
