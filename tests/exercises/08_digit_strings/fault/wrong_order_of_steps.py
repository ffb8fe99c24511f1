# 1.5 of 3: drops the blanks first, and then merges (passes the check)
def faulty_line() -> int:
    """Number of the line in the listing."""
    return 5


def read_codes(tables: np.ndarray, lengths: np.ndarray) -> list[list[int]]:
    """Digits of each clip in the order in which they were said."""
    codes = []
    for table, length in zip(tables, lengths):
        path = table[:length].argmax(axis=1)
        path = path[path != BLANK]
        is_new = np.append(True, path[1:] != path[:-1])[: len(path)]
        codes.append([int(k) for k in path[is_new]])
    return codes
