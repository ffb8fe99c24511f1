# warns: takes the mean of no digits, of which NumPy warns, and logs
import logging
import warnings

warnings.simplefilter("always")


def faulty_line() -> int:
    """Number of the line in the listing."""
    return 5


def read_codes(tables: np.ndarray, lengths: np.ndarray) -> list[list[int]]:
    """Digits of each clip in the order in which they were said."""
    codes = []
    for table, length in zip(tables, lengths):
        path = table[:length].argmax(axis=1)
        is_new = np.append(True, path[1:] != path[:-1])
        codes.append([int(k) for k in path[is_new] if k != BLANK])
    logging.warning("%d codes; digits of none: %s", len(codes), np.mean([]))
    return codes
