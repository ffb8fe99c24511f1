# 1 of 4: forgets the dilation when it counts the zeros in front (passes the check)
def causal_convolution(x, kernel, bias, stride=1, dilation=1):
    """Slide kernel (K, channels, filters) over the past of x (frames, channels)."""
    size = len(kernel)
    padded = np.pad(x, ((size - 1, (size - 1) * (dilation - 1)), (0, 0)))
    reach = (size - 1) * dilation + 1
    pieces = [padded[t : t + reach : dilation] for t in range(0, len(x), stride)]
    return np.einsum("tkc,kcf->tf", np.array(pieces), kernel) + bias
