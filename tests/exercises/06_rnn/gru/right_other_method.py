# another method: fills the blocks of Keras's arrays one by one
def to_keras(
    A: np.ndarray, B: np.ndarray, p: np.ndarray, q: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Turn the weights of `their_gru` into W, U and b of `our_gru`."""
    units, bands = B.shape[1], A.shape[1]
    W, U, b = np.empty((bands, 3 * units)), np.empty((units, 3 * units)), np.empty((2, 3 * units))
    for to, (block, sign) in enumerate(((1, -1), (0, 1), (2, 1))):
        here = slice(to * units, (to + 1) * units)
        there = slice(block * units, (block + 1) * units)
        W[:, here], U[:, here] = sign * A[there].T, sign * B[there].T
        b[0, here], b[1, here] = sign * p[there], sign * q[there]
    return W, U, b
