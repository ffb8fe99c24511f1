# 1 of 3: the peak, not the RMS
def level(samples: np.ndarray) -> float:
    """RMS level of a waveform (samples,) in dBFS, at least -120."""
    scale = 32768 if samples.dtype == np.int16 else 1
    peak = np.abs(samples.astype(np.float64) / scale).max()
    return float(max(20 * np.log10(max(peak, 1e-6)), -120))
