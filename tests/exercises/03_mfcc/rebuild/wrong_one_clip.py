# 2 of 3: transposes all axes, so a batch of clips does not fit (passes the check)
def rebuild(mfcc: np.ndarray, n_bands: int, lifter: int = 0) -> np.ndarray:
    """Log-mel features (…, frames, n_bands) from MFCC (…, frames, coefficients)."""
    n = np.arange(mfcc.shape[-1])
    if lifter:
        mfcc = mfcc / (1 + lifter / 2 * np.sin(np.pi * (n + 1) / lifter))
    waves = np.cos(np.pi * n[:, None] * (np.arange(n_bands) + 0.5) / n_bands)
    waves *= np.where(n == 0, np.sqrt(1 / n_bands), np.sqrt(2 / n_bands))[:, None]
    return (waves.T @ mfcc.T).T
