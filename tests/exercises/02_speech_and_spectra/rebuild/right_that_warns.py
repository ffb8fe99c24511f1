# warns: divides by zero and puts zeros there afterwards
import warnings

warnings.simplefilter("always")


def rebuild(spectra: np.ndarray, window: np.ndarray, hop_length: int) -> np.ndarray:
    """Overlap-add: an STFT (frames, bins) back to a waveform (samples,)."""
    length = len(window)
    total = np.zeros((len(spectra) - 1) * hop_length + length)
    squares = np.zeros_like(total)
    for m in range(len(spectra)):
        frame = np.fft.irfft(spectra[m], n=length)
        total[m * hop_length :][:length] += window * frame
        squares[m * hop_length :][:length] += window * window
    result = total / squares
    result[squares < 1e-8] = 0
    return result
