# another method: the pseudo-inverse of the transform and the liftering together
import scipy.fft


def rebuild(mfcc: np.ndarray, n_bands: int, lifter: int = 0) -> np.ndarray:
    """Log-mel features (…, frames, n_bands) from MFCC (…, frames, coefficients)."""
    kept = mfcc.shape[-1]
    forward = scipy.fft.dct(np.eye(n_bands), axis=0, norm="ortho")[:kept]  # (kept, n_bands)
    if lifter > 0:
        weights = 1 + lifter / 2 * np.sin(np.pi * np.arange(1, kept + 1) / lifter)
        forward = forward * weights[:, None]
    return np.einsum("...k,bk->...b", mfcc, np.linalg.pinv(forward))
