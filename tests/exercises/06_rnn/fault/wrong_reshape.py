# 0.5 of 3: finds the line, and reshapes in another way (passes the check)
def faulty_line() -> int:
    """Number of the line in the listing."""
    return 6


def prepare(clips: list[np.ndarray], n_frames: int) -> np.ndarray:
    """MFCC of each clip, frame by frame, padded at the end: (clips, n_frames, 13)."""
    batch = np.zeros((len(clips), n_frames, 13))
    for row, clip in zip(batch, clips):
        steps = coefficients(clip)
        steps = (steps - steps.mean()).reshape(13, -1).ravel().reshape(-1, 13)[:n_frames]
        row[: len(steps)] = steps
    return batch
