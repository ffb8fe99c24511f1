# 1 of 3: the piece at the core takes a place in the waiting room
def delays(arrivals: list[float], work: list[float], room: int) -> list[float | None]:
    """Seconds from the arrival of each piece until it is done; None for one that was refused."""
    ends, found = [], []
    for now, seconds in zip(arrivals, work):
        if sum(end > now for end in ends) >= max(room, 1):
            found.append(None)
            continue
        ends.append(max([now, *ends[-1:]]) + seconds)
        found.append(ends[-1] - now)
    return found
