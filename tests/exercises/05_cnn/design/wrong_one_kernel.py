# 2 of 3: one kernel as wide as the field, which is not cheap (passes the check)
def design(field: int) -> list[tuple[int, int, int]]:
    """Layers (size, stride, dilation) that see `field` frames."""
    return [(field, 1, 1)]
