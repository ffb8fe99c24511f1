# warns: NumPy divides by zero in the logarithm, and the answer writes to stderr
import sys
import warnings

warnings.simplefilter("always")


def level(samples: np.ndarray) -> float:
    """RMS level of a waveform (samples,) in dBFS, at least -120."""
    print("level of", len(samples), "samples", file=sys.stderr)
    scale = 32768 if samples.dtype == np.int16 else 1
    level_db = 20 * np.log10(np.sqrt(np.mean((samples.astype(np.float64) / scale) ** 2)))
    return float(np.maximum(level_db, -120))
