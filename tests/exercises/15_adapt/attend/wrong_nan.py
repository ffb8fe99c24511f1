# 3.5 of 4: NaN in the padding spreads (passes the check)
def attend(
    queries: np.ndarray, keys: np.ndarray, values: np.ndarray, lengths: np.ndarray
) -> np.ndarray:
    """Self-attention (clips, frames, d) that looks at no padding."""
    there = np.arange(values.shape[1]) < np.asarray(lengths)[:, None]
    scores = queries @ np.swapaxes(keys, 1, 2) / np.sqrt(queries.shape[-1])
    scores = np.where(there[:, None, :], scores, -np.inf)
    weights = np.exp(scores - scores.max(axis=-1, keepdims=True))
    weights /= weights.sum(axis=-1, keepdims=True)
    return there[..., None] * (weights @ values)
