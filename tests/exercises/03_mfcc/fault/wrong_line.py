# 2.5 of 3: repairs it, but blames the padding (passes the check)
def faulty_line() -> int:
    """Number of the line in the listing."""
    return 7


def make_batch(clips: list[np.ndarray], n_frames: int) -> tuple[np.ndarray, np.ndarray]:
    """Clips (coefficients, frames) to a batch (clips, n_frames, coefficients), and its mask."""
    batch = np.zeros((len(clips), n_frames, len(clips[0])))
    mask = np.zeros((len(clips), n_frames), bool)
    for row, real, clip in zip(batch, mask, clips):
        kept = min(n_frames, clip.shape[1])
        row[:kept] = clip[:, :kept].T
        real[:kept] = True
    return batch, mask


def masked_mean(batch: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Mean over the real frames: (clips, frames, coefficients) to (clips, coefficients)."""
    return (batch * mask[..., None]).sum(axis=1) / mask.sum(axis=1)[:, None]
