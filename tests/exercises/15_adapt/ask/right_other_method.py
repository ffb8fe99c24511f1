# a list of pairs
def to_ask(probabilities: np.ndarray, labelled: list, n: int, least: float = 0.0) -> list:
    """Positions of the clips with the smallest margins that have no label yet."""
    known, pairs = set(labelled), []
    for place, row in enumerate(np.asarray(probabilities).tolist()):
        second, first = sorted(row)[-2:]
        if place not in known and first >= least:
            pairs.append((first - second, place))
    return [place for _, place in sorted(pairs)[:n]]
