# another method: measures instead of reading
def read_plot() -> dict[str, float]:
    """What the spectrogram shows: whistle_hz, click_s, stored_hz."""
    recording = damaged_recording()
    power = spectrogram(recording)  # (frames, 129), a bin is 31.25 Hz
    steady = np.median(power, axis=0)
    edge = 60 + np.flatnonzero(steady[60:] > 0.1 * np.median(steady[60:75]))[-1]
    whistle = 20 + steady[20:].argmax()
    return {
        "whistle_hz": float(31.25 * whistle),
        "click_s": float(np.abs(recording).argmax() / 8000),
        "stored_hz": float(2 * 31.25 * edge),
    }
