# 1 of 4: the cut-off suits a factor of 2 only (passes the check)
def lower_rate(waveform: np.ndarray, factor: int) -> np.ndarray:
    """Lower the sampling rate by a whole factor: (samples,) to (ceil(samples / factor),)."""
    i = np.arange(-100, 101)
    taps = np.sinc(i / 2) * np.kaiser(len(i), 8.0)
    filtered = np.convolve(waveform, taps / taps.sum())[100 : 100 + len(waveform)]
    return filtered[::factor]
