# 1 of 3: every filter sees one channel only
def count(shape, filters, size, stride, padding):
    """Shape of the answer, number of weights, number of multiplications of a convolution."""
    reach = (1, 1) if padding == "same" else size
    steps = [(n - k) // stride + 1 for n, k in zip(shape, reach)]
    each = size[0] * size[1]
    return (*steps, filters), (each + 1) * filters, steps[0] * steps[1] * filters * each
