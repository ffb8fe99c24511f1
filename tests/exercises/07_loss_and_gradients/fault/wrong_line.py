# 2.5 of 3: repairs it, but names the line at the end of the loop (passes the check)
def faulty_line() -> int:
    """Number of the line in the listing."""
    return 15


def coupled_backward(
    d_outputs: np.ndarray, caches: list[tuple], U: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Gradients of U, of b and of the memory before the first frame."""
    dU, db = np.zeros_like(U), np.zeros(U.shape[1])
    dh = dc = np.zeros_like(d_outputs[:, 0])
    for t in reversed(range(len(caches))):
        h_before, c_before, f, candidate, o, tanh_c = caches[t]
        dh = dh + d_outputs[:, t]
        dc = dc + dh * o * (1 - tanh_c**2)
        da_f = dc * (c_before - candidate) * f * (1 - f)
        da_candidate = dc * (1 - f) * (1 - candidate**2)
        da_o = dh * tanh_c * o * (1 - o)
        da = np.concatenate([da_f, da_candidate, da_o], axis=1)
        dU += h_before.T @ da
        db += da.sum(axis=0)
        dh = da @ U.T
        dc = dc * f
    return dU, db, dc
