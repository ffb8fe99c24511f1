# 1 of 3: a piece that was refused costs time all the same
def delays(arrivals: list[float], work: list[float], room: int) -> list[float | None]:
    """Seconds from the arrival of each piece until it is done; None for one that was refused."""
    begins, free, found = [], 0.0, []
    for now, seconds in zip(arrivals, work):
        refused = free > now and sum(begin > now for begin in begins) >= room
        begins.append(max(now, free))
        free = begins[-1] + seconds
        found.append(None if refused else free - now)
    return found
