# less than 3 of 3: of equal margins the later position comes first (passes the check)
def to_ask(probabilities: np.ndarray, labelled: list, n: int, least: float = 0.0) -> list:
    """Positions of the clips with the smallest margins that have no label yet."""
    ordered = np.sort(probabilities, axis=1)
    margins = ordered[:, -1] - ordered[:, -2]
    known = set(map(int, labelled))
    places = np.lexsort((-np.arange(len(margins)), margins))
    open_places = [int(k) for k in places if int(k) not in known and ordered[k, -1] >= least]
    return open_places[:n]
