# 2 of 3: the squares overflow before they become floating point (passes the check)
def level(samples: np.ndarray) -> float:
    """RMS level of a waveform (samples,) in dBFS, at least -120."""
    mean_square = np.mean(samples**2)
    if samples.dtype == np.int16:
        mean_square = abs(mean_square) / 32768**2
    return float(10 * np.log10(max(mean_square, 1e-12)))
