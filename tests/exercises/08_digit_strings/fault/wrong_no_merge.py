# 1 of 3: merges nothing
def faulty_line() -> int:
    """Number of the line in the listing."""
    return 5


def read_codes(tables: np.ndarray, lengths: np.ndarray) -> list[list[int]]:
    """Digits of each clip in the order in which they were said."""
    codes = []
    for table, length in zip(tables, lengths):
        path = table[:length].argmax(axis=1)
        codes.append([int(k) for k in path if k != BLANK])
    return codes
