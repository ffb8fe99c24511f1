# another method: a shortest path: which places are reached with 0, 1, 2 … edits
def error_rate(targets: list[list[int]], found: list[list[int]]) -> float:
    """Word error rate of all strings together, as a fraction."""
    total = 0
    for target, read in zip(targets, found):
        reached, edits = {(0, 0)}, 0
        while True:
            # slide along equal words for free, then spend one edit
            open_list = list(reached)
            while open_list:
                i, j = open_list.pop()
                if i < len(target) and j < len(read) and target[i] == read[j]:
                    if (i + 1, j + 1) not in reached:
                        reached.add((i + 1, j + 1))
                        open_list.append((i + 1, j + 1))
            if (len(target), len(read)) in reached:
                break
            edits += 1
            moves = [(i + di, j + dj) for i, j in reached for di, dj in ((1, 0), (0, 1), (1, 1))]
            reached |= {(i, j) for i, j in moves if i <= len(target) and j <= len(read)}
        total += edits
    return total / len(np.concatenate(targets))
