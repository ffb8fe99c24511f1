# less than 3 of 4: divides by the square of the sum of the windows
def rebuild(spectra: np.ndarray, window: np.ndarray, hop_length: int) -> np.ndarray:
    """Overlap-add: an STFT (frames, bins) back to a waveform (samples,)."""
    length = len(window)
    total = np.zeros((len(spectra) - 1) * hop_length + length)
    squares = np.zeros_like(total)
    for m, frame in enumerate(np.fft.irfft(spectra, length)):
        total[m * hop_length :][:length] += window * frame
        squares[m * hop_length :][:length] += window
    return np.where(squares < 1e-8, 0, total / np.maximum(squares, 1e-8) ** 2)
