# another method: the gradients of all frames collected first, one product at the end
def faulty_line() -> int:
    """Number of the line in the listing."""
    return 7


def coupled_backward(
    d_outputs: np.ndarray, caches: list[tuple], U: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Gradients of U, of b and of the memory before the first frame."""
    n_clips, n_frames, n = d_outputs.shape
    from_h, from_c = np.zeros((n_clips, n)), np.zeros((n_clips, n))
    slopes, states = np.zeros((n_frames, n_clips, 3 * n)), np.zeros((n_frames, n_clips, n))
    for t in range(n_frames)[::-1]:
        states[t], before, f, candidate, o, shown = caches[t]
        pull = d_outputs[:, t] + from_h
        memory = from_c + pull * o * (1 - shown**2)
        slopes[t, :, :n] = memory * (before - candidate) * (f - f**2)
        slopes[t, :, n : 2 * n] = memory * (1 - f) * (1 - candidate**2)
        slopes[t, :, 2 * n :] = pull * shown * (o - o**2)
        from_h, from_c = np.einsum("nk,hk->nh", slopes[t], U), memory * f
    return np.einsum("tnh,tnk->hk", states, slopes), slopes.sum(axis=(0, 1)), from_c
