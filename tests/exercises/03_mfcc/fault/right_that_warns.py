# warns: takes a mean of nothing on the way, and prints each length
import sys


def faulty_line() -> int:
    """Number of the line in the listing."""
    return 8


def make_batch(clips: list[np.ndarray], n_frames: int) -> tuple[np.ndarray, np.ndarray]:
    """Clips (coefficients, frames) to a batch (clips, n_frames, coefficients), and its mask."""
    warnings.simplefilter("always")
    batch, mask = [], []
    for clip in clips:
        print("frames:", clip.shape[1], file=sys.stderr)
        clip = clip[:, :n_frames].T
        mask.append(np.arange(n_frames) < len(clip))
        batch.append(np.concatenate([clip, np.zeros((n_frames - len(clip), clip.shape[1]))]))
    return np.stack(batch), np.stack(mask)


def masked_mean(batch: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Mean over the real frames: (clips, frames, coefficients) to (clips, coefficients)."""
    np.mean(np.zeros(0))
    return np.einsum("nfc,nf->nc", batch, mask) / mask.sum(axis=1, keepdims=True)
