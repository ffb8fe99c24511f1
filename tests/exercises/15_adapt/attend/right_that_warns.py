# warns and prints
import sys

warnings.simplefilter("always")


def attend(
    queries: np.ndarray, keys: np.ndarray, values: np.ndarray, lengths: np.ndarray
) -> np.ndarray:
    """Self-attention (clips, frames, d) that looks at no padding."""
    warnings.warn("slow", stacklevel=1)
    print("working", file=sys.stderr)
    result = np.zeros(np.shape(values))
    for clip, n in enumerate(lengths):
        q, k, v = (table[clip, :n] for table in (queries, keys, values))
        scores = q @ k.T / np.sqrt(q.shape[-1])
        weights = np.exp(scores - scores.max(axis=1, keepdims=True))
        result[clip, :n] = weights / weights.sum(axis=1, keepdims=True) @ v
    return result
