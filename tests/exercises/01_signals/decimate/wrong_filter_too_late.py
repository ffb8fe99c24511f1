# 1 of 4: filters after the samples were dropped, when it is too late
def lower_rate(waveform: np.ndarray, factor: int) -> np.ndarray:
    """Lower the sampling rate by a whole factor: (samples,) to (ceil(samples / factor),)."""
    dropped = waveform[::factor]
    i = np.arange(-32, 33)
    taps = np.sinc(0.95 * i) * np.kaiser(len(i), 8.0)
    return np.convolve(dropped, taps / taps.sum(), mode="same")[: len(dropped)]
