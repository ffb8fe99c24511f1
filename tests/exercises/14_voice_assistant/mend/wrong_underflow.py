# less than 4 of 4: multiplies probabilities, which vanish in long numbers (passes the check)
def mend(probabilities: np.ndarray) -> tuple[list, int]:
    """The number as heard, or the most probable one that fits and differs in one place."""
    n = len(probabilities)
    heard = probabilities.argmax(axis=1)
    weights = np.arange(1, n + 1)
    if weights @ heard % 11 == 0:
        return [int(d) for d in heard], -1
    best, found, where = -1.0, [], -1
    for place in range(n):
        for digit in range(10):
            other = heard.copy()
            other[place] = digit
            if weights @ other % 11 == 0:
                product = float(np.prod(probabilities[np.arange(n), other]))
                if product > best:
                    best, found, where = product, [int(d) for d in other], place
    return found, where
