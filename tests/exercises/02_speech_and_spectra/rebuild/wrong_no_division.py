# 0 of 4: as in the chapter, without dividing by the squares (passes the check)
def rebuild(spectra: np.ndarray, window: np.ndarray, hop_length: int) -> np.ndarray:
    """Overlap-add: an STFT (frames, bins) back to a waveform (samples,)."""
    length = len(window)
    result = np.zeros((len(spectra) - 1) * hop_length + length)
    for m, frame in enumerate(np.fft.irfft(spectra, length)):
        result[m * hop_length :][:length] += window * frame
    return result
