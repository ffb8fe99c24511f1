# 0.5 of 3: gives the first three digits, and the wrong line (passes the check)
def faulty_line() -> int:
    """Number of the line in the listing."""
    return 7


def read_codes(tables: np.ndarray, lengths: np.ndarray) -> list[list[int]]:
    """Digits of each clip in the order in which they were said."""
    codes = []
    for table, length in zip(tables, lengths):
        path = table[:length].argmax(axis=1)
        is_new = np.append(True, path[1:] != path[:-1])
        codes.append([int(k) for k in path[is_new] if k != BLANK][:3])
    return codes
