# 2 of 3: leaves the liftering in (passes the check)
import scipy.fft


def rebuild(mfcc: np.ndarray, n_bands: int, lifter: int = 0) -> np.ndarray:
    """Log-mel features (…, frames, n_bands) from MFCC (…, frames, coefficients)."""
    return scipy.fft.idct(mfcc, n=n_bands, axis=-1, norm="ortho")
