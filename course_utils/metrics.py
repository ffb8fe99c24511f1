"""Error rates with confidence intervals (chapter 08)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class Rate(NamedTuple):
    """A share of clips, with the ends of its 95 % interval, all as fractions."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.1%} (95 % interval {self.low:.1%} to {self.high:.1%})"


def rate(successes: int, trials: int) -> Rate:
    """Share of successes with its Wilson score interval (Wilson 1927), 95 %."""
    if not 0 <= successes <= trials or trials == 0:
        raise ValueError(f"{successes} successes in {trials} trials make no rate")
    z, share = 1.959964, successes / trials
    centre = (share + z**2 / (2 * trials)) / (1 + z**2 / trials)
    half = z / (1 + z**2 / trials) * np.sqrt(share * (1 - share) / trials + (z / 2 / trials) ** 2)
    # at 0 and at 1 rounding must not push an end past the share itself
    return Rate(share, max(0.0, min(share, centre - half)), min(1.0, max(share, centre + half)))


def accuracy(labels: np.ndarray, predictions: np.ndarray) -> Rate:
    """Share of clips (clips,) whose predicted class is the label, with its interval."""
    labels, predictions = np.asarray(labels), np.asarray(predictions)
    if labels.shape != predictions.shape or labels.ndim != 1:
        raise ValueError(
            f"labels {labels.shape} and predictions {predictions.shape} must both be (clips,); "
            "take argmax over the classes first"
        )
    return rate(int((labels == predictions).sum()), len(labels))


def confusion(labels: np.ndarray, predictions: np.ndarray, n_classes: int = 10) -> np.ndarray:
    """Count of clips (true class, predicted class): (n_classes, n_classes) int."""
    counts = np.zeros((n_classes, n_classes), int)
    np.add.at(counts, (labels, predictions), 1)
    return counts
