# 1 of 3: lets no string cost more than its words (passes the check)
def error_rate(targets: list[list[int]], found: list[list[int]]) -> float:
    """Word error rate of all strings together, as a fraction."""
    errors = 0
    for target, read in zip(targets, found):
        row = list(range(len(read) + 1))  # distances of the words said so far
        for i, said in enumerate(target, 1):
            above, row = row, [i]
            for j, heard in enumerate(read, 1):
                row.append(min(above[j] + 1, row[-1] + 1, above[j - 1] + (said != heard)))
        errors += min(row[-1], len(target))
    return errors / sum(len(target) for target in targets)
