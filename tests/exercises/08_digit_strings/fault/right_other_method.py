# another method: groups the path with itertools
import itertools


def faulty_line() -> int:
    """Number of the line in the listing."""
    return 5


def read_codes(tables: np.ndarray, lengths: np.ndarray) -> list[list[int]]:
    """Digits of each clip in the order in which they were said."""
    best = np.argmax(tables, axis=2).tolist()
    return [
        [k for k, _ in itertools.groupby(path[:n]) if k < BLANK] for path, n in zip(best, lengths)
    ]
