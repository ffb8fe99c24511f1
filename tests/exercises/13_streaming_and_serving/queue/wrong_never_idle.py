# 0 of 3: the core never waits, so pieces are done before they arrive
def delays(arrivals: list[float], work: list[float], room: int) -> list[float | None]:
    """Seconds from the arrival of each piece until it is done; None for one that was refused."""
    begins, free, found = [], 0.0, []
    for now, seconds in zip(arrivals, work):
        if free > now and sum(begin > now for begin in begins) >= room:
            found.append(None)
            continue
        begins.append(free)
        free += seconds
        found.append(free - now)
    return found
