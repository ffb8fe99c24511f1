"""Load and split the recordings of the course (chapter 00)."""

import csv
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple, Self

from course_utils.paths import DATA_FOLDER
from course_utils.setup.download import CorpusError, download_fsdd, say

import numpy as np
import soundfile

__all__ = [
    "DIGITS", "NOISES", "SAMPLE_RATE", "Corpus", "CorpusError", "Split", "download_fsdd",
    "leave_one_speaker_out", "load_digits", "load_noise", "load_words", "official_split",
    "random_split", "unknown_speaker_split", "unknown_words_split",
]  # fmt: skip

SAMPLE_RATE = 8000
DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
NOISES = ("white", "pink", "hum", "babble", "street")


@dataclass(frozen=True, eq=False)
class Corpus:
    """Spoken words, digits mostly, one entry a clip (chapter 00).

    Attributes
    ----------
    name : ``"fsdd"``, ``"embedded"`` or ``"words"``
    waveforms : tuple of arrays (samples,), float32 in [-1, 1], mono
    labels : (clips,) int64, the position in `words`: for digits, the digit
    speakers : (clips,) str
    takes : (clips,) int64, the number of the repetition
    words : what can be said
    sample_rate : Hz
    """

    name: str
    waveforms: tuple[np.ndarray, ...]
    labels: np.ndarray
    speakers: np.ndarray
    takes: np.ndarray
    words: tuple[str, ...] = DIGITS
    sample_rate: int = SAMPLE_RATE

    def __len__(self) -> int:
        return len(self.waveforms)

    def __repr__(self) -> str:
        minutes = self.seconds.sum() / 60
        kind = "digits" if self.words == DIGITS else "words"
        return (
            f"Corpus({self.name!r}: {len(self)} clips, {len(np.unique(self.labels))} {kind}, "
            f"{len(np.unique(self.speakers))} speakers, {minutes:.1f} min at {self.sample_rate} Hz)"
        )

    @property
    def seconds(self) -> np.ndarray:
        """(clips,) duration of each clip in seconds."""
        return np.array([len(waveform) for waveform in self.waveforms]) / self.sample_rate

    def select(self, index: np.ndarray | Sequence[int]) -> Self:
        """Return the clips that a boolean mask (clips,) or a list of positions picks."""
        clips = np.arange(len(self))[np.asarray(index)] if len(index) else np.arange(0)
        arrays = {name: getattr(self, name)[clips] for name in ("labels", "speakers", "takes")}
        return replace(self, waveforms=tuple(self.waveforms[clip] for clip in clips), **arrays)


def load_digits(name: str | None = None) -> Corpus:
    """Load spoken digits: recordings of people where possible (chapter 00).

    Parameters
    ----------
    name : ``"fsdd"`` (3,000 recordings of six people, downloaded once, 16 MB),
        ``"embedded"`` (synthetic voices, comes with the course, needs no network),
        ``"neural"`` (29 further voices that only teach; see data/README.md), or
        None: what `COURSE_CORPUS` names, else ``"fsdd"`` if it can be had, else
        ``"embedded"``; one printed line says which.

    Raises CorpusError: the named corpus is unknown, cannot be downloaded, or fails its check.
    """
    choice = name or os.environ.get("COURSE_CORPUS") or "auto"
    loaders: dict[str, Callable[[], Corpus]] = {"fsdd": _load_fsdd, "embedded": _load_embedded}
    loaders["neural"] = lambda: _load_embedded("neural", "ogg")  # to learn from
    if choice in loaders:
        return loaders[choice]()
    if choice != "auto":
        source = "load_digits()" if name else "the environment variable COURSE_CORPUS"
        there = "choose 'fsdd' (real people) or 'embedded' (synthetic voices, offline)"
        raise CorpusError(f"{source} asks for the corpus {choice!r}, which does not exist: {there}")
    try:
        corpus = _load_fsdd(again=False)
    except CorpusError as error:
        corpus = _load_embedded()
        say(f"Corpus: embedded, {len(corpus)} clips of synthetic voices. {error}")
    else:
        other = 'For the synthetic voices: load_digits("embedded").'
        print(f"Corpus: fsdd, {len(corpus)} recordings of real people. {other}")
    return corpus


def _load_fsdd(again: bool = True) -> Corpus:
    files = sorted((download_fsdd(again) / "recordings").glob("*.wav"))
    fields = [path.stem.split("_") for path in files]
    return Corpus(
        name="fsdd",
        waveforms=tuple(soundfile.read(path, dtype="float32")[0] for path in files),
        labels=np.array([int(digit) for digit, _, _ in fields]),
        speakers=np.array([speaker for _, speaker, _ in fields]),
        takes=np.array([int(take) for _, _, take in fields]),
    )


def _load_embedded(name: str = "embedded", kind: str = "flac", column: str = "digit") -> Corpus:
    with open(DATA_FOLDER / name / "index.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    said = tuple(dict.fromkeys(row[column] for row in rows))  # in the order of the file
    files = {row["voice"]: DATA_FOLDER / name / f"{row['voice']}.{kind}" for row in rows}
    voices = {voice: soundfile.read(path, dtype="float32")[0] for voice, path in files.items()}
    clips = [(row["voice"], int(row["start_sample"]), int(row["n_samples"])) for row in rows]
    return Corpus(
        name=name,
        waveforms=tuple(voices[voice][start : start + n] for voice, start, n in clips),
        labels=np.array([said.index(row[column]) for row in rows]),
        speakers=np.array([row["voice"] for row in rows]),
        takes=np.array([int(row["take"]) for row in rows]),
        words=DIGITS if column == "digit" else said,
    )


def load_words(name: str = "words") -> Corpus:
    """Load 75 words of commands by 16 synthetic voices, or ``"more_words"`` by others (ch. 11)."""
    return _load_embedded(name, "ogg", "word")


def load_noise(kind: str) -> np.ndarray:
    """Return one of the course's noises, (samples,) float32 at 8 kHz (chapter 01).

    `kind` is one of `NOISES`: white, pink, mains hum, babble of many voices, a street.
    """
    if kind not in NOISES:
        raise CorpusError(f"there is no noise {kind!r}; choose one of {', '.join(NOISES)}")
    return soundfile.read(DATA_FOLDER / "noise" / f"{kind}.flac", dtype="float32")[0]


class Split(NamedTuple):
    """Two parts of a corpus that share no clip."""

    train: Corpus
    test: Corpus


def _split(corpus: Corpus, in_test: np.ndarray, what: str) -> Split:
    if in_test.all() or not in_test.any():
        sides = f"{int(in_test.sum())} clips to test, {int((~in_test).sum())} to train"
        raise CorpusError(f"{what} of {corpus!r} leaves one side empty: {sides}.")
    return Split(corpus.select(~in_test), corpus.select(in_test))


def official_split(corpus: Corpus) -> Split:
    """First tenth of the takes to test (FSDD: 0-4 of 50), the rest to train.

    Every speaker is on both sides: known voices, speaker-dependent.
    """
    takes = np.unique(corpus.takes)
    test_takes = takes[: max(1, len(takes) // 10)]
    return _split(corpus, np.isin(corpus.takes, test_takes), "The official split")


def random_split(corpus: Corpus, test_fraction: float = 0.1, seed: int = 0) -> Split:
    """Clips drawn at random to test, the same share of each digit."""
    if not 0 < test_fraction < 1:
        raise ValueError(f"test_fraction must lie between 0 and 1, given {test_fraction}")
    rng = np.random.default_rng(seed)
    in_test = np.zeros(len(corpus), bool)
    for label in np.unique(corpus.labels):
        clips = rng.permutation(np.flatnonzero(corpus.labels == label))
        in_test[clips[: round(test_fraction * len(clips))]] = True
    return _split(corpus, in_test, "A random split")


def _known(names: str | Sequence[str], there: Sequence[str], what: str) -> list[str]:
    names = [names] if isinstance(names, str) else list(names)
    if missing := [name for name in names if name not in there]:
        raise CorpusError(f"no {what} {missing[0]!r} in the corpus; there are {', '.join(there)}")
    return names


def unknown_speaker_split(corpus: Corpus, speaker: str | Sequence[str]) -> Split:
    """All clips of one speaker, or of several, to test, everybody else to train."""
    speakers = _known(speaker, list(np.unique(corpus.speakers)), "speaker")
    return _split(corpus, np.isin(corpus.speakers, speakers), f"Holding out {', '.join(speakers)}")


def unknown_words_split(corpus: Corpus, words: Sequence[str]) -> Split:
    """All clips of some words to test, every other word to train (chapter 11)."""
    held_out = [corpus.words.index(word) for word in _known(words, corpus.words, "word")]
    return _split(corpus, np.isin(corpus.labels, held_out), "Holding out words")


def leave_one_speaker_out(corpus: Corpus) -> Iterator[tuple[str, Split]]:
    """Yield (speaker, split) with each speaker held out in turn."""
    for speaker in np.unique(corpus.speakers):
        yield str(speaker), unknown_speaker_split(corpus, str(speaker))
