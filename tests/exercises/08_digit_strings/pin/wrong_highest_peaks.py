# less than 3 of 3: takes the outputs where a digit is most probable, in order (passes the check)
def read_pin(table: np.ndarray, n_digits: int) -> list[int]:
    """Find a probable string of exactly n_digits digits in a table, the blank last."""
    best = table[:, :-1].max(axis=1)
    places = np.sort(best.argsort()[::-1][:n_digits])
    return [int(k) for k in table[places, :-1].argmax(axis=1)]
