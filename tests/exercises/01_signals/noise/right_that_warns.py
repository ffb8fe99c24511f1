# warns: about the level, and prints to stderr
import sys
import warnings

warnings.simplefilter("always")


def add_noise(
    recording: np.ndarray, noise: np.ndarray, snr: float, start: int, end: int
) -> np.ndarray:
    """Add noise to a recording (samples,) at `snr` dB over the samples start to end."""
    warnings.warn("this may go beyond full scale", stacklevel=2)
    print("noise at", snr, "dB", file=sys.stderr)
    copies = -(-len(recording) // len(noise))
    repeated = np.tile(noise, copies)[: len(recording)]
    power = np.var(recording[start:end]) + np.mean(recording[start:end]) ** 2
    gain = np.sqrt(power / np.mean(repeated[start:end] ** 2) / 10 ** (snr / 10))
    return recording + gain * repeated
