# 2.5 of 3: cuts first, and then takes the mean of what is left (passes the check)
def faulty_line() -> int:
    """Number of the line in the listing."""
    return 6


def prepare(clips: list[np.ndarray], n_frames: int) -> np.ndarray:
    """MFCC of each clip, frame by frame, padded at the end: (clips, n_frames, 13)."""
    batch = np.zeros((len(clips), n_frames, 13))
    for row, clip in zip(batch, clips):
        steps = coefficients(clip)
        steps = steps.T[:n_frames]
        steps = steps - steps.mean()
        row[: len(steps)] = steps
    return batch
