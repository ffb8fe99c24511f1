# 2 of 3: forgets the biases
def count(shape, filters, size, stride, padding):
    """Shape of the answer, number of weights, number of multiplications of a convolution."""
    *places, channels = shape
    if padding == "same":
        steps = [-(-n // stride) for n in places]
    else:
        steps = [(n - k) // stride + 1 for n, k in zip(places, size)]
    weights = size[0] * size[1] * channels * filters
    return (*steps, filters), weights, steps[0] * steps[1] * weights
