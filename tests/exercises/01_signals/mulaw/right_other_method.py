# another method: sample by sample, the sign apart, powers of two
import math


def quantise_mu_law(waveform: np.ndarray, bits: int) -> np.ndarray:
    """Round a waveform (samples,) to `bits` bits, in steps that grow with the amplitude."""
    largest, result = 2 ** (bits - 1), []
    for x in waveform:
        compressed = math.log1p(255 * min(abs(float(x)), 1.0)) / (8 * math.log(2))
        code = min(round(largest * compressed), largest if x < 0 else largest - 1)
        result.append(math.copysign(math.expm1(8 * math.log(2) * code / largest) / 255, x))
    return np.array(result)
