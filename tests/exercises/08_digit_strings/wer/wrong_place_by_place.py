# 0 of 3: compares place by place
def error_rate(targets: list[list[int]], found: list[list[int]]) -> float:
    """Word error rate of all strings together, as a fraction."""
    errors = 0
    for target, read in zip(targets, found):
        errors += sum(a != b for a, b in zip(target, read)) + abs(len(target) - len(read))
    return errors / sum(len(target) for target in targets)
