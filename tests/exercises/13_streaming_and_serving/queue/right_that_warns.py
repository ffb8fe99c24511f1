# warns: notes who was refused as NaN, and replaces it
import sys


def delays(arrivals: list[float], work: list[float], room: int) -> list[float | None]:
    """Seconds from the arrival of each piece until it is done; None for one that was refused."""
    warnings.simplefilter("always")
    begin, end, delay = [], [], np.full(len(arrivals), np.nan)
    np.log(-1.0)
    for k in range(len(arrivals)):
        now = arrivals[k]
        busy = bool(end) and end[-1] > now
        if busy and len([b for b in begin if b > now]) >= room:
            print(f"piece {k} was refused", file=sys.stderr)
            continue
        begin.append(end[-1] if busy else now)
        end.append(begin[-1] + work[k])
        delay[k] = end[-1] - now
    return [None if np.isnan(value) else float(value) for value in delay]
