# another method: lays a kernel on an array of ones and looks at the shapes
def count(
    shape: tuple[int, int, int], filters: int, size: tuple[int, int], stride: int, padding: str
) -> tuple[tuple[int, int, int], int, int]:
    """Shape of the answer, number of weights, number of multiplications of a convolution."""
    x = np.ones(shape)
    if padding == "same":
        x = np.pad(x, ((0, size[0] - 1), (0, size[1] - 1), (0, 0)))
    pieces = np.lib.stride_tricks.sliding_window_view(x, (*size, shape[2]))
    pieces = pieces[::stride, ::stride, 0]
    kernel = np.ones((*size, shape[2], filters))
    out = pieces.shape[:2] + (filters,)
    return out, kernel.size + filters, pieces.size * filters
