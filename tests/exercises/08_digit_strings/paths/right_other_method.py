# another method: counts the ways to set the borders of runs, in one binomial coefficient
from math import comb


def fewest_outputs(target: list[int]) -> int:
    """Smallest number of outputs with which a path can spell the target."""
    needed = 1
    for before, after in zip(target[:-1], target[1:]):
        needed += 2 if before == after else 1
    return needed


def count_paths(target: list[int], n_outputs: int) -> int:
    """Number of paths of n_outputs symbols that read as the target."""
    free = n_outputs - fewest_outputs(target)
    return comb(free + 2 * len(target), 2 * len(target)) if free >= 0 else 0
