# another method: kernels of 3 whose dilation grows by 3, the rest in the last two layers
def design(field: int) -> list[tuple[int, int, int]]:
    """Layers (size, stride, dilation) that see `field` frames."""
    layers, seen = [], 1
    while seen < field:
        missing = field - seen
        if missing >= 2 * seen:
            layers.append((3, 1, seen))
            seen *= 3
        elif missing % 2 == 0:
            layers.append((3, 1, missing // 2))
            seen = field
        else:
            layers.append((2, 1, min(seen, missing)))
            seen += min(seen, missing)
    return layers
