# 1 of 3: nobody is ever refused
def delays(arrivals: list[float], work: list[float], room: int) -> list[float | None]:
    """Seconds from the arrival of each piece until it is done; None for one that was refused."""
    free, found = 0.0, []
    for now, seconds in zip(arrivals, work):
        free = max(now, free) + seconds
        found.append(free - now)
    return found
