# 0 of 3: leaves the blocks in the order r, u, n (passes the check)
def to_keras(
    A: np.ndarray, B: np.ndarray, p: np.ndarray, q: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Turn the weights of `their_gru` into W, U and b of `our_gru`."""

    def reorder(blocks):
        r, u, n = np.split(blocks, 3)
        return np.concatenate([r, -u, n])

    return reorder(A).T, reorder(B).T, np.stack([reorder(p), reorder(q)])
