"""Said in one breath: what teaches and tests the recognisers that are deployed (08, 14).

Strings composed of single words flatter a recogniser, since people run their words together. The
digits in `data/phrases` and the commands in `data/sentences` were said whole, by synthetic
voices: some teach, some validate, some test, and no voice does two of these in one of them.
"""

import csv
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from typing import Self

from course_utils import features
from course_utils.augmentation import Spectra, vtlp
from course_utils.connected_digits import STREAM_FRONT_END, STRIDE, ConnectedDigitsError
from course_utils.ctc import ConnectedDigitClips, String
from course_utils.paths import DATA_FOLDER

import numpy as np
import soundfile
from scipy.signal import lfilter

__all__ = [
    "NAME_BLANK", "PHRASE_TEMPO", "REVERBERATION", "ROLES", "ROOMS", "SPEEDS",
    "NameClips", "PhraseClips", "Phrases", "load_phrases", "load_sentences", "quiet_around",
    "reverberate",
]  # fmt: skip

ROLES = ("train", "validation", "test")
SPEEDS = ("slow", "ordinary", "fast")  # 0.8, 1 and 1.3 times a voice's own
PHRASE_TEMPO = (0.7, 1.2)  # in training, a phrase lasts so many times as long
ROOMS = 0.4  # in training, the share of strings that are said in a room
REVERBERATION = (0.15, 0.8), (-20.0, 0.0)  # RT60 in s; its energy against the sound itself, dB

NAME_BLANK = 1  # the blank of a network that hears a name alone, which is its symbol 0


@dataclass(frozen=True, eq=False)
class Phrases:
    """Phrases, each said in one breath.

    waveforms : tuple of arrays (samples,), float32 at 8 kHz, without silence around the words
    targets : tuple of arrays (words,) int, the digits, or labels of `assistant.load_commands`
    voices, engines, roles, speeds : (phrases,) str; see `ROLES` and `SPEEDS`
    """

    waveforms: tuple[np.ndarray, ...]
    targets: tuple[np.ndarray, ...]
    voices: np.ndarray
    engines: np.ndarray
    roles: np.ndarray
    speeds: np.ndarray

    def __len__(self) -> int:
        return len(self.waveforms)

    def select(self, mask: np.ndarray) -> Self:
        """Return the phrases that a mask (phrases,) picks."""
        index = np.flatnonzero(mask)
        return replace(
            self,
            waveforms=tuple(self.waveforms[i] for i in index),
            targets=tuple(self.targets[i] for i in index),
            **{field.name: getattr(self, field.name)[index] for field in fields(self)[2:]},
        )


def load_phrases(role: str) -> Phrases:
    """Load the digits, one to seven a phrase, that teach, validate or test.

    Raises ValueError for another role.
    """
    return load("phrases", role, lambda row: [int(digit) for digit in row["digits"]])


def load_sentences(role: str, symbols: Sequence[str]) -> Phrases:
    """Load the commands, and other words in any order, that teach, validate or test (chapter 14).

    symbols : of the network, ``load_commands().words``. Raises ValueError for another role.
    """
    number = {word: label for label, word in enumerate(symbols)}
    return load("sentences", role, lambda row: [number[word] for word in row["words"].split()])


def load(folder: str, role: str, target: Callable[[dict[str, str]], list[int]]) -> Phrases:
    """Load the phrases of a folder and a role; `target` finds the words of a row of its table."""
    if role not in ROLES:
        raise ValueError(f"there are no phrases for {role!r}: choose {', '.join(ROLES)}")
    with open(DATA_FOLDER / folder / "index.csv", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["role"] == role]
    sound = {
        voice: soundfile.read(DATA_FOLDER / folder / f"{voice}.ogg", dtype="float32")[0]
        for voice in dict.fromkeys(row["voice"] for row in rows)
    }
    places = [(row["voice"], int(row["start_sample"]), int(row["n_samples"])) for row in rows]
    return Phrases(
        tuple(sound[voice][start : start + n] for voice, start, n in places),
        tuple(np.array(target(row)) for row in rows),
        *(np.array([row[name] for row in rows]) for name in ("voice", "engine", "role", "speed")),
    )


def quiet_around(
    waveforms: Sequence[np.ndarray], seed: int = 0, noise_db: float = -70.0
) -> list[np.ndarray]:
    """Put 0.2 s of quiet before each sound and 0.5 s after it, and a faint hiss over all of it.

    A recogniser that listens to a stream needs some time after the last word. Sounds (samples,)
    at 8 kHz to longer ones; `noise_db` is the level of the hiss, below full scale.
    """
    rng, level = np.random.default_rng(seed), 10 ** (noise_db / 20)
    longer = [np.pad(waveform, (1600, 4000)) for waveform in waveforms]
    return [w + level * rng.standard_normal(len(w), dtype=np.float32) for w in longer]


class PhraseClips(ConnectedDigitClips):
    """Each epoch says every word once, in composed strings, and phrases in one breath beside them.

    phrases : those to learn from; each epoch draws them all once, in another tempo
    rooms : share of all strings that are said in a room, see `reverberate`

    The other arguments are those of `ctc.ConnectedDigitClips`.
    """

    def __init__(
        self,
        spectra: Spectra,
        seed: int,
        extra: Spectra | None = None,
        *,
        phrases: Phrases,
        rooms: float = ROOMS,
        **how,
    ):
        super().__init__(spectra, seed, extra, **how)
        if len(phrases) == 0:
            raise ConnectedDigitsError("there is no phrase to learn from: was a selection empty?")
        self.width = max(self.longest, *map(len, phrases.targets))
        self.phrases, self.rooms = phrases, rooms
        self.whole = spectra_of_phrases(phrases, PHRASE_TEMPO[1])
        self.n_batches += len(phrases) // self.batch_size

    def strings(self) -> list[String]:
        """Deal words into strings, and say each phrase anew."""
        shortest, longest = np.log(PHRASE_TEMPO)
        tempo = np.exp(self.rng.uniform(shortest, longest, len(self.whole)))
        mel = vtlp(self.whole, self.rng, self.augmentation.vtlp)
        mel, inside = features.stretch_and_centre(mel, self.whole.lengths, tempo)
        said: list[String] = [
            [(phrase[where], target)]
            for phrase, where, target in zip(mel, inside, self.phrases.targets, strict=True)
            if where.sum() // STRIDE >= 2 * len(target)  # else no path might spell it
        ]
        return super().strings() + said

    def transmit(self, mel: np.ndarray) -> np.ndarray:
        """Bring strings through a room, or not, to another microphone."""
        return super().transmit(reverberate(mel, self.rng, self.rooms))


class NameClips(PhraseClips):
    """The same strings, of which one word alone is to be heard: what a wake word is learned from.

    name : its label; it is symbol 0 of the targets, and all other words are background. Its clips
        are there `times` times, since a word among dozens is hardly ever said

    The other arguments are those of `PhraseClips`.
    """

    def __init__(
        self,
        spectra: Spectra,
        seed: int,
        extra: Spectra | None = None,
        *,
        name: int,
        times: int,
        **how,
    ):
        parts = [spectra, extra] if extra else [spectra]
        if not all(name in part.labels for part in parts):
            raise ConnectedDigitsError("there is no clip of the name: was a selection empty?")
        often = [
            part.select(np.repeat(np.arange(len(part)), np.where(part.labels == name, times, 1)))
            for part in parts
        ]
        super().__init__(often[0], seed, *often[1:], **how)
        self.name = name

    def strings(self) -> list[String]:
        """Say strings anew, with what is left of their targets."""
        return [[(mel, self.heard(said)) for mel, said in string] for string in super().strings()]

    def heard(self, said: np.ndarray | int) -> np.ndarray:
        """Labels (words,), or one label, to a 0 for each name among them."""
        return np.zeros(np.count_nonzero(np.asarray(said) == self.name), int)


def reverberate(mel: np.ndarray, rng: np.random.Generator, share: float = ROOMS) -> np.ndarray:
    """Say a share of the strings in a room: mel energies (strings, frames, bands), same shape.

    Late reverberation as in Polack's model (1988): each frame's energy fades exponentially, by
    60 dB within the reverberation time; early echoes are left out. `REVERBERATION` has the
    ranges of that time, and of the level.
    """
    mel, seconds = mel.copy(), STREAM_FRONT_END.hop_length / 8000
    for row in np.flatnonzero(rng.random(len(mel)) < share):
        fade = 10 ** (-6 * seconds / rng.uniform(*REVERBERATION[0]))
        level = 10 ** (rng.uniform(*REVERBERATION[1]) / 10) * (1 - fade) / fade  # of the first echo
        mel[row] += level * lfilter([0, fade], [1, -fade], mel[row], axis=0).astype(np.float32)
    return mel


def spectra_of_phrases(phrases: Phrases, slowest: float) -> Spectra:
    """Power spectrograms of phrases, peak 1, with room to make them `slowest` times longer."""
    clips = features.spectrograms(phrases.waveforms, STREAM_FRONT_END)
    lengths = np.array([len(clip) for clip in clips])
    power = features.stack(clips, int(np.ceil(slowest * lengths.max())))
    power /= power.max(axis=(1, 2), keepdims=True) + features.TINY
    return Spectra(power, lengths, np.arange(len(clips)), phrases.voices, STREAM_FRONT_END)
