# 2 of 3: no window, so the strong tone leaks (passes the check)
def amplitude_at(frame: np.ndarray, frequency: float, sample_rate: float) -> float:
    """Amplitude of the wave of `frequency` Hz in a frame (frame_length,)."""
    n = np.arange(len(frame))
    wave = np.exp(-2j * np.pi * frequency * n / sample_rate)
    return float(2 * abs(np.sum(frame * wave)) / len(frame))
