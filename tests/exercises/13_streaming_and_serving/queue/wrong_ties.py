# 2 of 3: who leaves at this moment still takes a place (passes the check)
def delays(arrivals: list[float], work: list[float], room: int) -> list[float | None]:
    """Seconds from the arrival of each piece until it is done; None for one that was refused."""
    begins, free, found = [], 0.0, []
    for now, seconds in zip(arrivals, work):
        waiting = sum(begin >= now for begin in begins)
        if free >= now and begins and waiting >= room:
            found.append(None)
            continue
        begins.append(max(now, free))
        free = begins[-1] + seconds
        found.append(free - now)
    return found
