# another method: where each number belongs, then np.bincount adds
def rebuild(spectra: np.ndarray, window: np.ndarray, hop_length: int) -> np.ndarray:
    """Overlap-add: an STFT (frames, bins) back to a waveform (samples,)."""
    n_frames, length = len(spectra), len(window)
    frames = np.fft.irfft(spectra, length) * window
    place = hop_length * np.arange(n_frames)[:, None] + np.arange(length)
    total = np.bincount(place.ravel(), frames.ravel())
    squares = np.bincount(place.ravel(), np.tile(window**2, n_frames))
    known = squares >= 1e-8
    return np.divide(total, squares, out=np.zeros(len(total)), where=known)
