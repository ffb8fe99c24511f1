# warns: divides by the words read too, of which NumPy warns for none, and prints
import sys
import warnings

warnings.simplefilter("always")


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
    print("per word read:", np.float64(errors) / sum(map(len, found)), file=sys.stderr)
    return errors / sum(len(target) for target in targets)
