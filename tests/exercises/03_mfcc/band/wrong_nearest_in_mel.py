# 2 of 3: takes the nearest peak in mel, but triangles are straight in hertz (passes the check)
def band_of(frequency: float, n_mels: int, fmin: float, fmax: float) -> int:
    """Number of the band whose triangle is highest at `frequency` Hz, or -1."""
    if not fmin < frequency < fmax:
        return -1
    mel = 2595 * np.log10(1 + np.array([fmin, fmax, frequency]) / 700)
    peaks = np.linspace(mel[0], mel[1], n_mels + 2)[1:-1]
    return int(np.abs(peaks - mel[2]).argmin())
