# 3 of 4: the inverse DFT takes every frame length to be even (passes the check)
def rebuild(spectra: np.ndarray, window: np.ndarray, hop_length: int) -> np.ndarray:
    """Overlap-add: an STFT (frames, bins) back to a waveform (samples,)."""
    length = len(window)
    total = np.zeros((len(spectra) - 1) * hop_length + length)
    squares = np.zeros_like(total)
    for m, frame in enumerate(np.fft.irfft(spectra)):
        total[m * hop_length :][:length] += window * frame
        squares[m * hop_length :][:length] += window**2
    return np.where(squares < 1e-8, 0, total / np.maximum(squares, 1e-8))
