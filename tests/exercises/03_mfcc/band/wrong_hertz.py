# 1 of 3: spaces the bands equally in hertz
def band_of(frequency: float, n_mels: int, fmin: float, fmax: float) -> int:
    """Number of the band whose triangle is highest at `frequency` Hz, or -1."""
    if not fmin < frequency < fmax:
        return -1
    peaks = np.linspace(fmin, fmax, n_mels + 2)[1:-1]
    return int(np.abs(peaks - frequency).argmin())
