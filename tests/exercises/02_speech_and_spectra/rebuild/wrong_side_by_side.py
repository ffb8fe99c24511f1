# 0 of 4: puts the frames one after the other, and forgets that they overlap
def rebuild(spectra: np.ndarray, window: np.ndarray, hop_length: int) -> np.ndarray:
    """Overlap-add: an STFT (frames, bins) back to a waveform (samples,)."""
    frames = np.fft.irfft(spectra, len(window)) * window
    return frames.ravel()
