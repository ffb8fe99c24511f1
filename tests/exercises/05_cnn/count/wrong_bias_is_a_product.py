# 1 of 3: counts the bias as a product, and swaps the axes of the kernel
def count(shape, filters, size, stride, padding):
    """Shape of the answer, number of weights, number of multiplications of a convolution."""
    *places, channels = shape
    steps = [
        -(-n // stride) if padding == "same" else (n - k) // stride + 1
        for n, k in zip(places, size[::-1])
    ]
    weights = (size[0] * size[1] * channels + 1) * filters
    return (*steps, filters), weights, steps[0] * steps[1] * weights
