"""Who teaches and who tests: each function splits a corpus into named parts.

Nothing is chosen on what tests in the end: `last_takes`, `thirds`, `speaker_pairs` and
`inner_quarters` take the clips for a choice from the side that teaches.
"""

from __future__ import annotations

from course_utils import corpora
from course_utils.corpora import Corpus, Split

import numpy as np

Folds = list[tuple[str, Split]]
PAIRS = (("george", "jackson"), ("lucas", "nicolas"), ("theo", "yweweler"))


def divide(corpus: Corpus, held_out: np.ndarray) -> Split:
    """Put the clips that a mask picks on the side that tests."""
    return Split(corpus.select(~held_out), corpus.select(held_out))


def official(corpus: Corpus) -> Folds:
    """Takes 0-4 of known voices."""
    return [("official", corpora.official_split(corpus))]


def last_takes(corpus: Corpus) -> Folds:
    """Takes 45-49, which the training side of the official split gives up."""
    train = corpora.official_split(corpus).train
    return [("takes 45-49", divide(train, train.takes >= 45))]


def thirds(corpus: Corpus) -> Folds:
    """Each third of the takes of the official split's training side."""
    train = corpora.official_split(corpus).train
    firsts = (5, 20, 35)
    thirds = [(train.takes >= first) & (train.takes < first + 15) for first in firsts]
    names = [f"takes {first}-{first + 14}" for first in firsts]
    return [(name, divide(train, third)) for name, third in zip(names, thirds, strict=True)]


def each_speaker(corpus: Corpus) -> Folds:
    """Each voice in turn, with all the others to learn from."""
    return list(corpora.leave_one_speaker_out(corpus))


def speaker_pairs(corpus: Corpus) -> Folds:
    """Pairs of FSDD's voices, whom the other four teach."""
    return [(" and ".join(pair), divide(corpus, np.isin(corpus.speakers, pair))) for pair in PAIRS]


def quarter_of_voices(corpus: Corpus, quarter: int) -> np.ndarray:
    """Which clips are of a quarter of the voices: (clips,) bool."""
    return np.isin(corpus.speakers, np.unique(corpus.speakers)[quarter::4])


def quarters(corpus: Corpus) -> Folds:
    """Each quarter of the voices."""
    return [(f"voices {i}", divide(corpus, quarter_of_voices(corpus, i))) for i in range(4)]


def inner_quarters(corpus: Corpus) -> Folds:
    """As `quarters`, but the quarter that tests there is not touched; the next one validates."""
    masks = [quarter_of_voices(corpus, i) for i in range(4)]
    folds = []
    for i, untouched in enumerate(masks):
        validates = masks[(i + 1) % 4]
        split = Split(corpus.select(~untouched & ~validates), corpus.select(validates))
        folds.append((f"voices {i}", split))
    return folds
