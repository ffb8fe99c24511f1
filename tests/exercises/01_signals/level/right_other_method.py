# another method: through the norm of the vector, the floor at the end
def level(samples: np.ndarray) -> float:
    """RMS level of a waveform (samples,) in dBFS, at least -120."""
    full_scale = 1.0 if np.issubdtype(samples.dtype, np.floating) else 32768.0
    norm = np.linalg.norm(np.asarray(samples, dtype=np.float64)) / full_scale
    if norm == 0:
        return -120.0
    return max(-120.0, 20 * float(np.log10(norm)) - 10 * float(np.log10(len(samples))))
