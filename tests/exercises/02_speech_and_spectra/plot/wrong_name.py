# 1.5 of 2: leaves the click out
def read_plot() -> dict[str, float]:
    """What the spectrogram shows: whistle_hz, click_s, stored_hz."""
    return {"whistle_hz": 1460, "stored_hz": 5250}
