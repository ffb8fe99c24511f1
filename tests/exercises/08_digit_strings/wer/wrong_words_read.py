# 1 of 3: divides by the words read (passes the check)
def error_rate(targets: list[list[int]], found: list[list[int]]) -> float:
    """Word error rate of all strings together, as a fraction."""
    errors = 0
    for target, read in zip(targets, found):
        row = list(range(len(read) + 1))  # distances of the words said so far
        for i, said in enumerate(target, 1):
            above, row = row, [i]
            for j, heard in enumerate(read, 1):
                row.append(min(above[j] + 1, row[-1] + 1, above[j - 1] + (said != heard)))
        errors += row[-1]
    return errors / max(1, sum(len(read) for read in found))
