# 3 of 4: divides by zero where no window reaches (passes the check)
def rebuild(spectra: np.ndarray, window: np.ndarray, hop_length: int) -> np.ndarray:
    """Overlap-add: an STFT (frames, bins) back to a waveform (samples,)."""
    length = len(window)
    total = np.zeros((len(spectra) - 1) * hop_length + length)
    squares = np.zeros_like(total)
    for m, frame in enumerate(np.fft.irfft(spectra, length)):
        total[m * hop_length :][:length] += window * frame
        squares[m * hop_length :][:length] += window**2
    return total / squares
