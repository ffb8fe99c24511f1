# 2 of 3: moves the reshape to the end, where it does the same damage
def faulty_line() -> int:
    """Number of the line in the listing."""
    return 8


def make_batch(clips: list[np.ndarray], n_frames: int) -> tuple[np.ndarray, np.ndarray]:
    """Clips (coefficients, frames) to a batch (clips, n_frames, coefficients), and its mask."""
    batch = []
    for clip in clips:
        clip = clip[:, :n_frames]
        batch.append(np.pad(clip, ((0, 0), (0, n_frames - clip.shape[1]))))
    lengths = np.array([clip.shape[1] for clip in clips])
    batch = np.stack(batch).reshape(len(clips), n_frames, len(clips[0]))
    return batch, np.arange(n_frames) < lengths[:, None]


def masked_mean(batch: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Mean over the real frames: (clips, frames, coefficients) to (clips, coefficients)."""
    return np.array([clip[real].mean(axis=0) for clip, real in zip(batch, mask)])
