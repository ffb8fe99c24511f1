# another method: adds one shifted matrix product for each tap
def causal_convolution(
    x: np.ndarray, kernel: np.ndarray, bias: np.ndarray, stride: int = 1, dilation: int = 1
) -> np.ndarray:
    """Slide kernel (K, channels, filters) over the past of x (frames, channels)."""
    answers = np.tile(np.asarray(bias, float), (len(x), 1))
    for back, weights in enumerate(kernel[::-1]):
        shift = back * dilation
        if shift < len(x):
            answers[shift:] += x[: len(x) - shift] @ weights
    return answers[::stride]
