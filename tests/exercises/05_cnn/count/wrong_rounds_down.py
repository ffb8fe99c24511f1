# 1 of 3: rounds the steps down where “same” rounds up (passes the check)
def count(shape, filters, size, stride, padding):
    """Shape of the answer, number of weights, number of multiplications of a convolution."""
    frames, bands, channels = shape
    if padding == "valid":
        frames, bands = frames - size[0] + 1, bands - size[1] + 1
    out = frames // stride, bands // stride, filters
    products = size[0] * size[1] * channels
    return out, (products + 1) * filters, out[0] * out[1] * filters * products
