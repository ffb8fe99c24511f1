# 2 of 3: counts the lifter's coefficients as HTK's book does, from n (passes the check)
import scipy.fft


def rebuild(mfcc: np.ndarray, n_bands: int, lifter: int = 0) -> np.ndarray:
    """Log-mel features (…, frames, n_bands) from MFCC (…, frames, coefficients)."""
    if lifter:
        n = np.arange(mfcc.shape[-1])
        mfcc = mfcc / (1 + lifter / 2 * np.sin(np.pi * n / lifter))
    return scipy.fft.idct(mfcc, n=n_bands, axis=-1, norm="ortho")
