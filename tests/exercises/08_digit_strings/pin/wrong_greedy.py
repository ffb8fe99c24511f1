# less than 2 of 3: reads greedily, and cuts or repeats the last digit to the length (passes the check)
def read_pin(table: np.ndarray, n_digits: int) -> list[int]:
    """Find a probable string of exactly n_digits digits in a table, the blank last."""
    blank = table.shape[1] - 1
    path = table.argmax(axis=1)
    is_new = np.append(True, path[1:] != path[:-1])
    found = [int(k) for k in path[is_new] if k != blank]
    return (found + [found[-1] if found else 0] * n_digits)[:n_digits]
