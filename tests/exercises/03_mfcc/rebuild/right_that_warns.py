# warns: computes the weights before it asks whether there is a lifter, and divides by zero
import logging

import scipy.fft


def rebuild(mfcc: np.ndarray, n_bands: int, lifter: int = 0) -> np.ndarray:
    """Log-mel features (…, frames, n_bands) from MFCC (…, frames, coefficients)."""
    warnings.simplefilter("always")
    n = np.arange(mfcc.shape[-1])
    weights = 1 + lifter / 2 * np.sin(np.pi * (n + 1) / np.float64(lifter))
    logging.warning("weights %s", weights)
    return scipy.fft.idct(mfcc / weights if lifter else mfcc, n=n_bands, axis=-1, norm="ortho")
