# warns: casts through complex numbers, of which NumPy warns, and prints
import sys
import warnings

warnings.simplefilter("always")


def to_keras(
    A: np.ndarray, B: np.ndarray, p: np.ndarray, q: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Turn the weights of `their_gru` into W, U and b of `our_gru`."""

    print("converting", A.shape, file=sys.stderr)
    A = A.astype(complex).astype(float)

    def reorder(blocks):
        r, u, n = np.split(blocks, 3)
        return np.concatenate([-u, r, n])  # z = 1 − u, and 1 − σ(a) = σ(−a)

    return reorder(A).T, reorder(B).T, np.stack([reorder(p), reorder(q)])
