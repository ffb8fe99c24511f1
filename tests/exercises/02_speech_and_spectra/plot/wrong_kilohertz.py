# 1.5 of 2: reads kilohertz as hertz
def read_plot() -> dict[str, float]:
    """What the spectrogram shows: whistle_hz, click_s, stored_hz."""
    return {"whistle_hz": 1.45, "click_s": 0.55, "stored_hz": 5200}
