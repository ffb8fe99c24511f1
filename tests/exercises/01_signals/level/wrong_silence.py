# 2 of 3: silence gives minus infinity (passes the check)
def level(samples: np.ndarray) -> float:
    """RMS level of a waveform (samples,) in dBFS, at least -120."""
    scale = 32768 if samples.dtype == np.int16 else 1
    root_mean_square = np.sqrt(np.mean((samples.astype(np.float64) / scale) ** 2))
    return float(20 * np.log10(root_mean_square))
