"""Strings whose words have no place in time: batches to learn from, and CTC (chapter 08)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import course_utils.setup.quiet_tensorflow  # noqa: F401  (before keras)
from course_utils import connected_digits, features
from course_utils.augmentation import Augmentation, Spectra, add_noise, spec_augment, vtlp
from course_utils.connected_digits import BLANK, N_SYMBOLS, STREAM_FRONT_END, STRIDE
from course_utils.training import check_same_front_end

import keras
import numpy as np

__all__ = [
    "STRING_AUGMENTATION", "ConnectedDigitClips", "String", "StringAugmentation",
    "colour", "ctc_loss", "log_posteriors",
]  # fmt: skip


def colour(mel: np.ndarray, rng: np.random.Generator, deviation: float) -> np.ndarray:
    """Hear each string through another microphone: gains that vary smoothly over the bands.

    mel energies (strings, frames, bands); the gains of four waves over the bands deviate by
    `deviation`, in the natural logarithm: 0.5 makes 3 dB altogether.
    """
    band = (np.arange(mel.shape[-1]) + 0.5) / mel.shape[-1]
    waves = np.cos(np.pi * np.outer(np.arange(1, 5), band))
    gain = np.exp(rng.normal(0, deviation, (len(mel), len(waves))) @ waves)
    return mel * gain[:, None].astype(np.float32)


@dataclass(frozen=True)
class StringAugmentation(Augmentation):
    """How strings are laid out in training, beside what each word goes through (chapter 08).

    pause_frames : between two words, below 0 they overlap; as `Composition.pause_seconds`
    margin_frames : before the first word and after the last
    level_db : of a string's words, the loudest cell of a word in mel energy
    word_level_db : of one word against its string
    colour : deviation of the gains of another microphone, see the function `colour`
    cut_off : share of the strings that end in digital silence, as a stream that is cut off
    """

    mixup: float | None = None  # two strings have no common target
    pause_frames: tuple[int, int] = (-6, 36)
    margin_frames: tuple[int, int] = (5, 50)
    level_db: tuple[float, float] = (-5.0, 25.0)
    word_level_db: tuple[float, float] = (-3.0, 3.0)
    colour: float = 0.5
    cut_off: float = 1 / 3


STRING_AUGMENTATION = StringAugmentation()
String = list[tuple[np.ndarray, np.ndarray | int]]  # mel energies (frames, bands), what they say


class ConnectedDigitClips:
    """Each epoch says every clip once, in strings of 1 to 7 words (chapter 08).

    A batch is features (strings, frames, bands) and targets (strings, 1 + longest): first the
    number of outputs that belong to the string, then its digits, then -1 where it has no
    more of them. See `ctc_loss`.

    spectra : of the clips to train on; the words of one string are said by one speaker
    extra : of further clips, such as synthetic voices; each epoch draws as many of them
    n_symbols : with the blank, which stays the one after the ten digits (chapter 14)

    Raises ValueError for spectra whose mel bands are not those of `STREAM_FRONT_END`.
    """

    def __init__(
        self,
        spectra: Spectra,
        seed: int,
        extra: Spectra | None = None,
        batch_size: int = 32,
        longest: int = 7,
        augmentation: StringAugmentation = STRING_AUGMENTATION,
        n_symbols: int = N_SYMBOLS,
    ):
        check_same_front_end(spectra, extra)
        wanted = replace(spectra.front_end, floor=STREAM_FRONT_END.floor)
        if wanted != STREAM_FRONT_END:
            raise ValueError(
                f"strings are learned from spectra of {STREAM_FRONT_END}, given "
                f"{spectra.front_end}: make them with spectra_of(corpus, STREAM_FRONT_END)"
            )
        self.parts, self.n_clips = ([spectra, extra] if extra else [spectra]), len(spectra)
        self.rng, self.batch_size, self.longest = np.random.default_rng(seed), batch_size, longest
        self.augmentation, self.n_symbols, self.width = augmentation, n_symbols, longest
        n_strings = self.n_clips * len(self.parts) / ((1 + longest) / 2)
        self.n_batches = max(1, int(n_strings / batch_size))

    def __len__(self) -> int:
        return self.n_batches

    def draw(self) -> list[tuple[np.ndarray, np.ndarray]]:
        """Draw the batches of the next epoch: features and targets of each."""
        return [self.lay_out(strings)[:2] for strings in self.deal()]

    def deal(self) -> list[list[String]]:
        """Say strings anew, and put those of like length into batches."""
        strings = sorted(self.strings(), key=lambda string: sum(len(word) for word, _ in string))
        batches = np.array_split(np.arange(len(strings)), self.n_batches)
        self.rng.shuffle(batches)
        return [[strings[row] for row in rows] for rows in batches]

    def strings(self) -> list[String]:
        """Augment all words anew, and deal them into strings."""
        words: String = []
        strings: list[np.ndarray] = []
        for spectra in self.parts:
            pick = self.rng.choice(len(spectra), self.n_clips, replace=self.n_clips > len(spectra))
            chosen = spectra.select(pick)
            for speaker in np.unique(chosen.speakers):
                clips = np.flatnonzero(chosen.speakers == speaker) + len(words)
                cuts = np.cumsum(self.rng.integers(1, self.longest + 1, len(clips)))
                strings += np.split(self.rng.permutation(clips), cuts[cuts < len(clips)])
            words += zip(self.say(chosen), chosen.labels)
        return [[words[i] for i in string] for string in strings]

    def say(self, spectra: Spectra) -> list[np.ndarray]:
        """Mel energies of each word (frames, bands), from another vocal tract, in another tempo."""
        tempo: np.ndarray | float = 1.0
        mel = vtlp(spectra, self.rng, self.augmentation.vtlp)
        if self.augmentation.tempo:
            tempo = self.augmentation.tempo ** self.rng.uniform(-1, 1, len(spectra))
        mel, inside = features.stretch_and_centre(mel, spectra.lengths, tempo)
        return [word[where] for word, where in zip(mel, inside)]

    def lay_out(self, strings: Sequence[String]) -> tuple[np.ndarray, np.ndarray, list[np.ndarray]]:
        """Features and targets, and the spans (words, 2) of each string's words in frames."""
        rng, how = self.rng, self.augmentation
        spans, n_frames = [], []
        for string in strings:
            lengths = np.array([len(word) for word, _ in string])
            gaps = rng.integers(*how.pause_frames, len(string))
            gaps[0], end = rng.integers(*how.margin_frames, 2)
            ends = np.cumsum(gaps) + np.cumsum(lengths)
            spans.append(np.stack([ends - lengths, ends], axis=1))
            n_frames.append(ends.max() + end)
        lengths = np.array(n_frames)
        mel = np.zeros((len(strings), lengths.max(), strings[0][0][0].shape[-1]), np.float32)
        targets = np.full((len(strings), 1 + self.width), -1, np.int32)
        targets[:, 0] = lengths // STRIDE
        for row, string in enumerate(strings):
            level = rng.uniform(*how.level_db) + rng.uniform(*how.word_level_db, len(string))
            for (word, _), gain, (start, end) in zip(string, 10 ** (level / 10), spans[row]):
                mel[row, start:end] += gain * word
            if len(said := np.hstack([label for _, label in string])):  # else all of it is blank
                targets[row, 1 : 1 + len(said)] = said
                connected_digits.check_target(said, targets[row, 0], self.n_symbols)
        inside = np.arange(mel.shape[1]) < lengths[:, None]
        mel = self.transmit(mel)
        mel = add_noise(mel, inside, rng, how.noise_db)
        for cut in np.flatnonzero(rng.random(len(strings)) < how.cut_off):
            mel[cut, spans[cut].max() + rng.integers(how.margin_frames[1]) :] = 0
        inputs = connected_digits.features_of_mel(mel)
        return spec_augment(inputs, inside, rng, how.masks), targets, spans

    def transmit(self, mel: np.ndarray) -> np.ndarray:
        """Bring strings, mel energies (strings, frames, bands), to another microphone."""
        return colour(mel, self.rng, self.augmentation.colour)


def ctc_loss(targets, logits, blank: int = BLANK):
    """Minus the logarithm of the probability of each string: (strings,).

    targets (strings, 1 + words) as `ConnectedDigitClips` makes them: the true number of outputs,
    the words, -1 after the last; logits (strings, outputs, symbols), of which one is `blank`.
    """
    targets = keras.ops.cast(targets, "int32")
    n_outputs, symbols = targets[:, 0], targets[:, 1:]
    n_words = keras.ops.sum(keras.ops.cast(symbols >= 0, "int32"), axis=1)
    return keras.ops.ctc_loss(keras.ops.maximum(symbols, 0), logits, n_words, n_outputs, blank)


def log_posteriors(model: keras.Model, waveforms: Sequence[np.ndarray]) -> list[np.ndarray]:
    """Logarithm of the probability of each symbol at each output: (outputs, symbols) a string.

    Strings of like length go through the network together. The zeros that pad a batch come after
    a string's last frame, and the network is causal: they change nothing.
    """
    found: list[np.ndarray] = [np.empty(0)] * len(waveforms)
    order = np.argsort([len(waveform) for waveform in waveforms])
    for batch in np.array_split(order, -(-len(order) // 32)):
        padded = features.pad_or_crop([waveforms[i] for i in batch], len(waveforms[batch[-1]]))
        tables = keras.ops.log_softmax(
            model(connected_digits.connected_digit_features(padded), training=False)
        )
        for i, table in zip(batch, keras.ops.convert_to_numpy(tables), strict=True):
            found[i] = table[: STREAM_FRONT_END.n_frames(len(waveforms[i])) // STRIDE]
    return found
