# 0 of 3: doubles until the field is wide enough, so it is often too wide
def design(field: int) -> list[tuple[int, int, int]]:
    """Layers (size, stride, dilation) that see `field` frames."""
    n_layers = int(np.ceil(np.log2(field)))
    return [(2, 1, 2**k) for k in range(n_layers)]
