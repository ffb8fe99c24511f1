# 2.5 of 3: repairs it, but names the line that cuts (passes the check)
def faulty_line() -> int:
    """Number of the line in the listing."""
    return 7


def prepare(clips: list[np.ndarray], n_frames: int) -> np.ndarray:
    """MFCC of each clip, frame by frame, padded at the end: (clips, n_frames, 13)."""
    batch = np.zeros((len(clips), n_frames, 13))
    for row, clip in zip(batch, clips):
        steps = coefficients(clip)
        steps = (steps - steps.mean()).T[:n_frames]
        row[: len(steps)] = steps
    return batch
