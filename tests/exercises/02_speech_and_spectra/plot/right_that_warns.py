# warns: says on stderr how exact the reading is
import sys
import warnings

warnings.simplefilter("always")


def read_plot() -> dict[str, float]:
    """What the spectrogram shows: whistle_hz, click_s, stored_hz."""
    warnings.warn("read off by eye")
    print("within 20 Hz", file=sys.stderr)
    return {"whistle_hz": 1430.0, "click_s": 0.56, "stored_hz": 5100.0}
