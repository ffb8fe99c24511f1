# another method: the change that each place needs, place by place
def mend(probabilities: np.ndarray) -> tuple[list, int]:
    """The number as heard, or the most probable one that fits and differs in one place."""
    heard = [int(np.argmax(row)) for row in probabilities]
    rest = sum((i + 1) * d for i, d in enumerate(heard)) % 11
    if rest == 0:
        return heard, -1
    best = None
    for i, row in enumerate(probabilities):
        if (i + 1) % 11 == 0:
            continue
        digit = (heard[i] - rest * pow(i + 1, -1, 11)) % 11
        if digit < 10:
            ratio = row[digit] / row[heard[i]]
            if best is None or ratio > best[0]:
                best = ratio, i, digit
    if best is None:
        return [], -1
    heard[best[1]] = int(best[2])
    return heard, best[1]
