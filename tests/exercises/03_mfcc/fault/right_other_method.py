# another method: transposes first, pads with NumPy, a masked array for the mean
def faulty_line() -> int:
    """Number of the line in the listing."""
    return 8


def make_batch(clips: list[np.ndarray], n_frames: int) -> tuple[np.ndarray, np.ndarray]:
    """Clips (coefficients, frames) to a batch (clips, n_frames, coefficients), and its mask."""
    frames = [np.swapaxes(clip, 0, 1)[:n_frames] for clip in clips]
    batch = np.stack([np.pad(x, ((0, n_frames - len(x)), (0, 0))) for x in frames])
    return batch, np.arange(n_frames)[None] < np.array([len(x) for x in frames])[:, None]


def masked_mean(batch: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Mean over the real frames: (clips, frames, coefficients) to (clips, coefficients)."""
    hidden = np.repeat(~mask[:, :, None], batch.shape[2], axis=2)
    return np.ma.array(batch, mask=hidden).mean(axis=1).filled(np.nan)
