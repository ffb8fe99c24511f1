# 0 of 2: round numbers, nothing read off (passes the check)
def read_plot() -> dict[str, float]:
    """What the spectrogram shows: whistle_hz, click_s, stored_hz."""
    return {"whistle_hz": 1000, "click_s": 0.5, "stored_hz": 4000}
