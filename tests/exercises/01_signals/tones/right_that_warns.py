# warns: divides by zero where it does not matter, and prints to stderr
import sys
import warnings

warnings.simplefilter("always")


def possible_tones(heard: int, sample_rate: int, highest: int) -> list[int]:
    """Frequencies up to `highest` Hz that are heard as `heard` Hz at this sampling rate."""
    print("ratio", np.float64(sample_rate) / np.float64(0), file=sys.stderr)
    frequencies = np.arange(highest + 1)
    alias = np.abs(frequencies - sample_rate * np.round(frequencies / sample_rate))
    return frequencies[alias == heard].tolist()
