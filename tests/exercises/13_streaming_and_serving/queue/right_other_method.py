# another method: the queue itself, emptied up to each arrival
from collections import deque


def delays(arrivals: list[float], work: list[float], room: int) -> list[float | None]:
    """Seconds from the arrival of each piece until it is done; None for one that was refused."""
    found, waiting, free = [None] * len(arrivals), deque(), 0.0
    for piece, now in [*enumerate(arrivals), (None, float("inf"))]:
        while waiting and free <= now:
            first = waiting.popleft()
            free += work[first]
            found[first] = free - arrivals[first]
        if piece is None:
            break
        if free <= now:  # the core has nothing to do
            free = now + work[piece]
            found[piece] = work[piece]
        elif len(waiting) < room:
            waiting.append(piece)
    return found
