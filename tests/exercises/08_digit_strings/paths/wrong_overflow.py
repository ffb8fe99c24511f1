# 2 of 3: counts with NumPy's whole numbers, which overflow (passes the check)
def fewest_outputs(target: list[int]) -> int:
    """Smallest number of outputs with which a path can spell the target."""
    return len(target) + sum(a == b for a, b in zip(target, target[1:]))


def count_paths(target: list[int], n_outputs: int) -> int:
    """Number of paths of n_outputs symbols that read as the target."""
    n_states = 2 * len(target) + 1
    counts = np.array([1, 1] + [0] * (n_states - 2))
    for _ in range(n_outputs - 1):
        before, counts = counts, []
        for s in range(n_states):
            total = before[s] + (before[s - 1] if s else 0)
            if s % 2 and s > 1 and target[s // 2] != target[s // 2 - 1]:
                total += before[s - 2]
            counts.append(total)
        counts = np.array(counts)
    return int(counts[-1] + counts[-2])
