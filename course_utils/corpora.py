"""Load and split the recordings of the course (chapter 00)."""

import csv
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple, Self

from course_utils.paths import DATA_FOLDER
from course_utils.setup.download import CorpusError, download_fsdd, say

import numpy as np
import soundfile

__all__ = [
    "DIGITS", "NOISES", "SAMPLE_RATE", "Corpus", "CorpusError", "Split", "download_fsdd",
    "leave_one_speaker_out", "load_digits", "load_noise", "official_split", "random_split",
    "unknown_speaker_split",
]  # fmt: skip

SAMPLE_RATE = 8000
DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
NOISES = ("white", "pink", "hum", "babble", "street")


@dataclass(frozen=True, eq=False)
class Corpus:
    """Spoken digits, one entry a clip (chapter 00).

    Attributes
    ----------
    name : ``"fsdd"`` or ``"embedded"``
    waveforms : tuple of arrays (samples,), float32 in [-1, 1], mono
    labels : (clips,) int64, the digit 0-9
    speakers : (clips,) str
    takes : (clips,) int64, the number of the repetition
    sample_rate : Hz
    """

    name: str
    waveforms: tuple[np.ndarray, ...]
    labels: np.ndarray
    speakers: np.ndarray
    takes: np.ndarray
    sample_rate: int = SAMPLE_RATE

    def __len__(self) -> int:
        return len(self.waveforms)

    def __repr__(self) -> str:
        minutes = self.seconds.sum() / 60
        return (
            f"Corpus({self.name!r}: {len(self)} clips, {len(np.unique(self.labels))} digits, "
            f"{len(np.unique(self.speakers))} speakers, {minutes:.1f} min at {self.sample_rate} Hz)"
        )

    @property
    def seconds(self) -> np.ndarray:
        """(clips,) duration of each clip in seconds."""
        return np.array([len(waveform) for waveform in self.waveforms]) / self.sample_rate

    def select(self, index: np.ndarray | Sequence[int]) -> Self:
        """Return the clips that a boolean mask (clips,) or a list of positions picks."""
        index = np.asarray(index)
        if index.dtype == bool:
            if index.shape != (len(self),):
                raise ValueError(f"a mask of shape ({len(self)},) expected, given {index.shape}")
            index = np.flatnonzero(index)
        index = index.astype(int)
        return replace(
            self,
            waveforms=tuple(self.waveforms[i] for i in index),
            labels=self.labels[index],
            speakers=self.speakers[index],
            takes=self.takes[index],
        )


def load_digits(name: str | None = None) -> Corpus:
    """Load spoken digits: recordings of people where possible (chapter 00).

    Parameters
    ----------
    name : ``"fsdd"`` (3,000 recordings of six people, downloaded once, 16 MB),
        ``"embedded"`` (synthetic voices, comes with the course, needs no network), or
        None: what `COURSE_CORPUS` names, else ``"fsdd"`` if it can be had, else
        ``"embedded"``; one printed line says which.

    Raises CorpusError: the named corpus is unknown, cannot be downloaded, or fails its check.
    """
    choice = name or os.environ.get("COURSE_CORPUS") or "auto"
    loaders = {"fsdd": _load_fsdd, "embedded": _load_embedded}
    if choice in loaders:
        return loaders[choice]()
    if choice != "auto":
        source = "load_digits()" if name else "the environment variable COURSE_CORPUS"
        raise CorpusError(
            f"{source} asks for the corpus {choice!r}, which does not exist. "
            f"Choose 'fsdd' (real people) or 'embedded' (synthetic voices, offline)."
        )
    try:
        corpus = _load_fsdd(again=False)
    except CorpusError as error:
        corpus = _load_embedded()
        say(f"Corpus: embedded, {len(corpus)} clips of synthetic voices. {error}")
    else:
        print(
            f"Corpus: fsdd, {len(corpus)} recordings of real people. "
            'For the synthetic voices: load_digits("embedded").'
        )
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


def _load_embedded() -> Corpus:
    with open(DATA_FOLDER / "embedded" / "index.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    voices = {
        voice: soundfile.read(DATA_FOLDER / "embedded" / f"{voice}.flac", dtype="float32")[0]
        for voice in {row["voice"] for row in rows}
    }
    spans = [(int(row["start_sample"]), int(row["n_samples"])) for row in rows]
    return Corpus(
        name="embedded",
        waveforms=tuple(
            voices[row["voice"]][start : start + n_samples]
            for row, (start, n_samples) in zip(rows, spans, strict=True)
        ),
        labels=np.array([int(row["digit"]) for row in rows]),
        speakers=np.array([row["voice"] for row in rows]),
        takes=np.array([int(row["take"]) for row in rows]),
    )


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
        raise CorpusError(
            f"{what} of {corpus!r} leaves one side empty: {int(in_test.sum())} clips to test, "
            f"{int((~in_test).sum())} to train."
        )
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


def unknown_speaker_split(corpus: Corpus, speaker: str) -> Split:
    """All clips of one speaker to test, everybody else to train: speaker-independent."""
    speakers = np.unique(corpus.speakers)
    if speaker not in speakers:
        raise CorpusError(f"no speaker {speaker!r} in {corpus!r}; there are {', '.join(speakers)}")
    return _split(corpus, corpus.speakers == speaker, f"Holding out {speaker}")


def leave_one_speaker_out(corpus: Corpus) -> Iterator[tuple[str, Split]]:
    """Yield (speaker, split) with each speaker held out in turn."""
    for speaker in np.unique(corpus.speakers):
        yield str(speaker), unknown_speaker_split(corpus, str(speaker))
