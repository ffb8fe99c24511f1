# another method: SciPy's polyphase filter
import scipy.signal


def lower_rate(waveform: np.ndarray, factor: int) -> np.ndarray:
    """Lower the sampling rate by a whole factor: (samples,) to (ceil(samples / factor),)."""
    taps = scipy.signal.firwin(64 * factor + 1, 1 / factor, window=("kaiser", 7.0))
    return scipy.signal.resample_poly(np.asarray(waveform, float), 1, factor, window=taps)
