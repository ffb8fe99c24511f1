# 0 of 4: runs the kernel backwards, as mathematics does
def causal_convolution(x, kernel, bias, stride=1, dilation=1):
    """Slide kernel (K, channels, filters) over the past of x (frames, channels)."""
    past = (len(kernel) - 1) * dilation
    padded = np.pad(x, ((past, 0), (0, 0)))
    pieces = [padded[t : t + past + 1 : dilation] for t in range(0, len(x), stride)]
    return np.einsum("tkc,kcf->tf", np.array(pieces), kernel[::-1]) + bias
