# less than 3 of 3: a beam that does not keep strings of each length
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
        beam.update(sorted(longer.items(), key=lambda e: np.logaddexp(*e[1]), reverse=True)[:10])
    complete = {s: np.logaddexp(*ends) for s, ends in beam.items()}
    return list(max(complete, key=complete.get))
