# warns: takes the mean of an empty list once, of which NumPy warns, and prints
import sys
import warnings

warnings.simplefilter("always")


def faulty_line() -> int:
    """Number of the line in the listing."""
    return 6


def prepare(clips: list[np.ndarray], n_frames: int) -> np.ndarray:
    """MFCC of each clip, frame by frame, padded at the end: (clips, n_frames, 13)."""
    np.mean([])
    print(len(clips), "clips", file=sys.stderr)
    batch = np.zeros((len(clips), n_frames, 13))
    for row, clip in zip(batch, clips):
        steps = coefficients(clip)
        steps = (steps - steps.mean()).T[:n_frames]
        row[: len(steps)] = steps
    return batch
