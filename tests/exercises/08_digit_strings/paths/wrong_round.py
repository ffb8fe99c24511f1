# 2 of 3: counts with floating-point numbers (passes the check)
def fewest_outputs(target: list[int]) -> int:
    """Smallest number of outputs with which a path can spell the target."""
    return len(target) + sum(a == b for a, b in zip(target, target[1:]))


def count_paths(target: list[int], n_outputs: int) -> int:
    """Number of paths of n_outputs symbols that read as the target."""
    n_states = 2 * len(target) + 1
    counts = [1.0, 1.0] + [0.0] * (n_states - 2)  # paths that are in each state, a blank or a word
    for _ in range(n_outputs - 1):
        before, counts = counts, []
        for s in range(n_states):
            total = before[s] + (before[s - 1] if s else 0)
            if s % 2 and s > 1 and target[s // 2] != target[s // 2 - 1]:
                total += before[s - 2]
            counts.append(total)
    return round(float(counts[-1] + counts[-2]))
