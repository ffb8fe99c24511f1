# warns: prints a summary like Keras's
import sys


def count(
    shape: tuple[int, int, int], filters: int, size: tuple[int, int], stride: int, padding: str
) -> tuple[tuple[int, int, int], int, int]:
    """Shape of the answer, number of weights, number of multiplications of a convolution."""
    warnings.simplefilter("always")
    reach = [1, 1] if padding == "same" else list(size)
    steps = [int(np.ceil((n - k + 1) / stride)) for n, k in zip(shape, reach)]
    print("Conv2D", steps, filters, file=sys.stderr)
    warnings.warn("large", stacklevel=1)
    weights = int(np.prod(size)) * shape[2] * filters
    return (steps[0], steps[1], filters), weights + filters, steps[0] * steps[1] * weights
