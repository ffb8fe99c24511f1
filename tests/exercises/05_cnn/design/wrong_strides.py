# 1 of 3: strides in place of dilations, and a wide first kernel (passes the check)
def design(field: int) -> list[tuple[int, int, int]]:
    """Layers (size, stride, dilation) that see `field` frames."""
    n_layers = int(np.log2(field))
    return [(field - 2**n_layers + 1, 1, 1)] + n_layers * [(2, 2, 1)]
