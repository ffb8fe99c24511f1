# 2 of 3: the mean counts the padding (passes the check)
def faulty_line() -> int:
    """Number of the line in the listing."""
    return 8


def make_batch(clips: list[np.ndarray], n_frames: int) -> tuple[np.ndarray, np.ndarray]:
    """Clips (coefficients, frames) to a batch (clips, n_frames, coefficients), and its mask."""
    batch = np.zeros((len(clips), n_frames, len(clips[0])))
    for row, clip in zip(batch, clips):
        row[: clip.shape[1]] = clip[:, :n_frames].T
    return batch, batch.any(axis=2)


def masked_mean(batch: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Mean over the real frames: (clips, frames, coefficients) to (clips, coefficients)."""
    return (batch * mask[..., None]).mean(axis=1)
