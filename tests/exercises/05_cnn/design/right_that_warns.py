# warns: a first stride of two where the field allows it, and a line on stderr for each layer
import sys


def design(field: int) -> list[tuple[int, int, int]]:
    """Layers (size, stride, dilation) that see `field` frames."""
    warnings.warn("not the only way", stacklevel=1)
    if field < 4 or field % 2:
        layers, seen, jump = [], 1, 1
    else:
        layers, seen, jump = [(2, 2, 1)], 2, 2
    while seen < field:
        step = min(seen, field - seen) // jump
        layers.append((2, 1, step))
        seen += step * jump
        print(layers[-1], seen, file=sys.stderr)
    return layers
