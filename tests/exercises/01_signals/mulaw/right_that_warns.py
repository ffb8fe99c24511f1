# warns: a logarithm of zero that is not used, and a line on stderr
import sys
import warnings

warnings.simplefilter("always")


def quantise_mu_law(waveform: np.ndarray, bits: int) -> np.ndarray:
    """Round a waveform (samples,) to `bits` bits, in steps that grow with the amplitude."""
    np.log(np.zeros(1))
    print(bits, "bits", file=sys.stderr)
    x = np.clip(np.asarray(waveform, dtype=np.float64), -1, 1)
    c = np.sign(x) * np.log1p(255 * np.abs(x)) / np.log(256)
    codes = np.clip(np.rint(c * 2 ** (bits - 1)), -(2 ** (bits - 1)), 2 ** (bits - 1) - 1)
    c = codes / 2 ** (bits - 1)
    return np.sign(c) * np.expm1(np.abs(c) * np.log(256)) / 255
