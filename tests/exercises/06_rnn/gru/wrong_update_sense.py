# 2 of 3: takes u for z (passes the check)
def to_keras(
    A: np.ndarray, B: np.ndarray, p: np.ndarray, q: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Turn the weights of `their_gru` into W, U and b of `our_gru`."""

    def reorder(blocks):
        r, u, n = np.split(blocks, 3)
        return np.concatenate([u, r, n])

    return reorder(A).T, reorder(B).T, np.stack([reorder(p), reorder(q)])
