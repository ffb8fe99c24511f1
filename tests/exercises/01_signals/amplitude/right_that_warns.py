# warns: throws away an imaginary part, of which NumPy warns, and prints
import warnings


def amplitude_at(frame: np.ndarray, frequency: float, sample_rate: float) -> float:
    """Amplitude of the wave of `frequency` Hz in a frame (frame_length,)."""
    n = np.arange(len(frame))
    window = 0.5 - 0.5 * np.cos(2 * np.pi * n / len(frame))
    total = np.sum(window * frame * np.exp(-2j * np.pi * frequency * n / sample_rate))
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        power = np.array([total * np.conj(total)]).astype(np.float64)[0]
    print("power", power)
    return float(2 * np.sqrt(power) / window.sum())
