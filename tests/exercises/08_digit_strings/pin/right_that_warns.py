# warns: says on stderr how sure it is, and takes the logarithm of 0
import sys
import warnings

warnings.simplefilter("always")


def read_pin(table: np.ndarray, n_digits: int) -> list[int]:
    """Find a probable string of exactly n_digits digits in a table, the blank last."""
    *symbols, blank = range(table.shape[1])
    beam = {(): (0.0, -np.inf)}  # string: paths that end in blank, and in its last digit
    for row in table:
        reached = []
        for string, (in_blank, in_digit) in beam.items():
            total, last = np.logaddexp(in_blank, in_digit), string[-1] if string else None
            again = in_digit + row[last] if string else -np.inf
            reached.append((string, total + row[blank], again))
            if len(string) < n_digits:
                for k in symbols:
                    start = in_blank if k == last else total
                    reached.append(((*string, k), -np.inf, start + row[k]))
        longer = {}
        for string, *ends in reached:  # equal strings are one
            longer[string] = np.logaddexp(longer.get(string, (-np.inf, -np.inf)), ends)
        beam = {}
        for length in range(n_digits + 1):  # the best of each length
            found = [(s, ends) for s, ends in longer.items() if len(s) == length]
            beam.update(sorted(found, key=lambda e: np.logaddexp(*e[1]), reverse=True)[:10])
    complete = {s: np.logaddexp(*ends) for s, ends in beam.items() if len(s) == n_digits}
    print("ln P =", max(complete.values()), np.log(np.zeros(1)), file=sys.stderr)
    return list(max(complete, key=complete.get))
