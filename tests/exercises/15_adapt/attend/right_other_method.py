# all clips at once, with a mask
def attend(
    queries: np.ndarray, keys: np.ndarray, values: np.ndarray, lengths: np.ndarray
) -> np.ndarray:
    """Self-attention (clips, frames, d) that looks at no padding."""
    there = np.arange(values.shape[1]) < np.asarray(lengths)[:, None]
    q, k, v = (np.where(there[..., None], table, 0.0) for table in (queries, keys, values))
    scores = np.einsum("ctd,csd->cts", q, k) / np.sqrt(q.shape[-1])
    scores = np.where(there[:, None, :], scores, -np.inf)
    weights = np.exp(scores - scores.max(axis=-1, keepdims=True))
    weights /= weights.sum(axis=-1, keepdims=True)
    return np.where(there[..., None], weights @ v, 0.0)
