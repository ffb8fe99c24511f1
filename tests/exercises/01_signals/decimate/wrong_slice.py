# 1 of 4: no filter at all, so everything folds down
def lower_rate(waveform: np.ndarray, factor: int) -> np.ndarray:
    """Lower the sampling rate by a whole factor: (samples,) to (ceil(samples / factor),)."""
    return np.asarray(waveform, dtype=np.float64)[::factor]
