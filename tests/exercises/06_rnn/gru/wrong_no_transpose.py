# 0 of 3: transposes A only; reshapes B to fit
def to_keras(
    A: np.ndarray, B: np.ndarray, p: np.ndarray, q: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Turn the weights of `their_gru` into W, U and b of `our_gru`."""

    def reorder(blocks):
        r, u, n = np.split(blocks, 3)
        return np.concatenate([-u, r, n])  # z = 1 − u, and 1 − σ(a) = σ(−a)

    return reorder(A).T, reorder(B).reshape(-1, len(B)), np.stack([reorder(p), reorder(q)])
