# 1 of 3: a last dilation that the layers below cannot bridge (passes the check)
def design(field: int) -> list[tuple[int, int, int]]:
    """Layers (size, stride, dilation) that see `field` frames."""
    if field <= 8:
        return [(2, 1, 1)] * (field - 1)
    return [(2, 1, 1), (2, 1, 2), (2, 1, 4), (2, 1, field - 8)]
