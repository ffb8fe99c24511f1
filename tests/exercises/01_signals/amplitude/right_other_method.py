# another method: the products with cosine and sine, summed apart; SciPy's window
from scipy.signal import get_window


def amplitude_at(frame: np.ndarray, frequency: float, sample_rate: float) -> float:
    """Amplitude of the wave of `frequency` Hz in a frame (frame_length,)."""
    window = get_window("hann", len(frame))
    angle = 2 * np.pi * frequency * np.arange(len(frame)) / sample_rate
    with_cosine = np.dot(window * frame, np.cos(angle))
    with_sine = np.dot(window * frame, np.sin(angle))
    return 2 * float(np.hypot(with_cosine, with_sine)) / float(window.sum())
