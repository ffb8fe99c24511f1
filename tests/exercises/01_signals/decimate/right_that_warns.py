# warns: its filter is designed anew each time, and it says so on stderr
import sys
import warnings

warnings.simplefilter("always")


def lower_rate(waveform: np.ndarray, factor: int) -> np.ndarray:
    """Lower the sampling rate by a whole factor: (samples,) to (ceil(samples / factor),)."""
    warnings.warn(f"designing a filter for {factor}", stacklevel=2)
    sys.stderr.write("filtering\n")
    half = 40 * factor
    i = np.arange(-half, half + 1)
    taps = np.sinc(i / factor) * np.kaiser(len(i), 9.0)
    return np.convolve(waveform, taps / taps.sum())[half : half + len(waveform) : factor]
