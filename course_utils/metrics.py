"""Error rates with confidence intervals (chapter 09)."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

__all__ = [
    "Proportion", "accuracy", "bootstrap_interval", "confusion", "edits", "proportion",
    "word_error_rate",
]  # fmt: skip


class Proportion(NamedTuple):
    """A share of clips, with the ends of its 95 % interval, all as fractions."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.1%} (95 % interval {self.low:.1%} to {self.high:.1%})"


def proportion(successes: int, trials: int) -> Proportion:
    """Share of successes with its Wilson score interval (Wilson 1927), 95 %."""
    if not 0 <= successes <= trials or trials == 0:
        raise ValueError(f"{successes} successes in {trials} trials make no proportion")
    z, share = 1.959964, successes / trials
    centre = (share + z**2 / (2 * trials)) / (1 + z**2 / trials)
    half = z / (1 + z**2 / trials) * np.sqrt(share * (1 - share) / trials + (z / 2 / trials) ** 2)
    # at 0 and at 1 rounding must not push an end past the share itself
    return Proportion(
        share, max(0.0, min(share, centre - half)), min(1.0, max(share, centre + half))
    )


def accuracy(labels: np.ndarray, predictions: np.ndarray) -> Proportion:
    """Share of clips (clips,) whose predicted class is the label, with its interval."""
    labels, predictions = np.asarray(labels), np.asarray(predictions)
    if labels.shape != predictions.shape or labels.ndim != 1:
        raise ValueError(
            f"labels {labels.shape} and predictions {predictions.shape} must both be (clips,); "
            "take argmax over the classes first"
        )
    return proportion(int((labels == predictions).sum()), len(labels))


def confusion(labels: np.ndarray, predictions: np.ndarray, n_classes: int = 10) -> np.ndarray:
    """Count of clips (true class, predicted class): (n_classes, n_classes) int."""
    counts = np.zeros((n_classes, n_classes), int)
    np.add.at(counts, (labels, predictions), 1)
    return counts


def edits(
    targets: Sequence[Sequence[int]], found: Sequence[Sequence[int]]
) -> tuple[np.ndarray, np.ndarray]:
    """Words to substitute, delete or insert in each string, by `jiwer`, and its words.

    targets, found (strings,), sequences of symbols, to two arrays (strings,) int. Raises
    ValueError for different numbers of strings, or an empty target.
    """
    import jiwer

    if len(targets) != len(found) or len(targets) == 0:
        raise ValueError(f"{len(targets)} targets and {len(found)} found strings: one each, please")
    if min(map(len, targets)) == 0:
        raise ValueError("a target without words has no error rate: leave it out")
    texts = [[" ".join(map(str, string)) for string in side] for side in (targets, found)]
    results = [jiwer.process_words(target, said) for target, said in zip(*texts, strict=True)]
    errors = [result.substitutions + result.deletions + result.insertions for result in results]
    return np.array(errors), np.array([len(target) for target in targets])


def bootstrap_interval(part: np.ndarray, whole: np.ndarray, seed: int = 0) -> tuple[float, float]:
    """95 % interval of sum(part) / sum(whole), by drawing the units (units,) again (Efron 1979).

    Where nothing varies, drawing again says nothing: then it is Wilson's interval.
    """
    part, whole = np.asarray(part), np.asarray(whole)
    if part.sum() == 0 or (part.std() == 0 and whole.std() == 0 and part.sum() <= whole.sum()):
        share = proportion(round(part.sum()), int(whole.sum()))
        return float(share.low), float(share.high)
    again = np.random.default_rng(seed).integers(len(part), size=(2000, len(part)))
    low, high = np.percentile(part[again].sum(axis=1) / whole[again].sum(axis=1), [2.5, 97.5])
    return float(low), float(high)


def word_error_rate(
    targets: Sequence[Sequence[int]], found: Sequence[Sequence[int]], seed: int = 0
) -> Proportion:
    """Word error rate of all strings together (chapter 08).

    `edits` by words that were said; the interval is a bootstrap over strings (errors cluster).
    """
    errors, words = edits(targets, found)
    return Proportion(errors.sum() / words.sum(), *bootstrap_interval(errors, words, seed))
