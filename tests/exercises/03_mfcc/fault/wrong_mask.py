# 2.5 of 3: calls every frame real, as all have been padded to one length (passes the check)
def faulty_line() -> int:
    """Number of the line in the listing."""
    return 8


def make_batch(clips: list[np.ndarray], n_frames: int) -> tuple[np.ndarray, np.ndarray]:
    """Clips (coefficients, frames) to a batch (clips, n_frames, coefficients), and its mask."""
    batch = []
    for clip in clips:
        clip = clip[:, :n_frames]
        batch.append(np.pad(clip, ((0, 0), (0, n_frames - clip.shape[1]))).T)
    return np.stack(batch), np.array([np.arange(n_frames) < len(clip) for clip in batch])


def masked_mean(batch: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Mean over the real frames: (clips, frames, coefficients) to (clips, coefficients)."""
    return np.array([clip[real].mean(axis=0) for clip, real in zip(batch, mask)])
