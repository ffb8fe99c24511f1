"""Strings of digits: composed from single words, described frame by frame, read off (chapter 08).

The network is `models.connected_digit_network`; `ctc` has what it learns from.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from course_utils.audio import mix_at_snr
from course_utils.corpora import NOISES, Corpus, load_noise
from course_utils.features import FrontEnd, log_mel, scale_features

import numpy as np

__all__ = [
    "BLANK", "COMPOSITION", "STREAM_FRONT_END", "N_SYMBOLS", "STRIDE", "Composition",
    "ConnectedDigits", "ConnectedDigitsError",
    "check_target", "collapse", "compose", "connected_digit_features", "features_of_mel",
    "greedy_decode", "join",
]  # fmt: skip

BLANK = 10  # the symbol after the ten digits: nothing new is said
N_SYMBOLS = 11
STRIDE = 4  # frames that the string network turns into one output, 40 ms
STREAM_FRONT_END = FrontEnd(floor=1e-3)


@dataclass(frozen=True)
class Composition:
    """How `compose` lays words out: ranges to draw from, in seconds and decibels.

    pause_seconds : between two words; below 0 they overlap
    margin_seconds : before the first word and after the last
    fade_seconds : at both ends of each word
    string_level_db : peak of a string's words, below full scale
    word_level_db : of one word against its string
    noise_db : signal-to-noise ratio
    """

    pause_seconds: tuple[float, float] = (-0.06, 0.35)
    margin_seconds: tuple[float, float] = (0.1, 0.5)
    fade_seconds: float = 0.02
    string_level_db: tuple[float, float] = (-18.0, -6.0)
    word_level_db: tuple[float, float] = (-3.0, 3.0)
    noise_db: tuple[float, float] = (20.0, 40.0)


COMPOSITION = Composition()


class ConnectedDigitsError(ValueError):
    """A target, a length or a table of probabilities that no recogniser can work with."""


def connected_digit_features(waveform: np.ndarray) -> np.ndarray:
    """Features of the string network: (…, samples) to (…, frames, bands) float32.

    The scaled log-mel energies above a fixed floor: 0 where there is nothing to hear. No number
    depends on a later frame, nor on the rest of the clip; so a stream of sound gives the same
    features, frame by frame (chapter 13).
    """
    level = log_mel(waveform, STREAM_FRONT_END)
    return scale_features(level - np.float32(np.log(STREAM_FRONT_END.floor)))


def features_of_mel(mel: np.ndarray) -> np.ndarray:
    """Features of the string network from mel energies (…, bands), 0 at the floor: same shape."""
    return scale_features(np.log(np.maximum(mel / np.float32(STREAM_FRONT_END.floor), 1)))


@dataclass(frozen=True, eq=False)
class ConnectedDigits:
    """Composed strings of digits, one entry a string.

    waveforms : tuple of arrays (samples,), float32 in [-1, 1]
    targets : tuple of arrays (words,) int, the digits
    speakers : (strings,) str
    spans : tuple of arrays (words, 2), where each word begins and ends, in seconds
    sample_rate : Hz
    """

    waveforms: tuple[np.ndarray, ...]
    targets: tuple[np.ndarray, ...]
    speakers: np.ndarray
    spans: tuple[np.ndarray, ...]
    sample_rate: int

    def __len__(self) -> int:
        return len(self.waveforms)


def compose(
    corpus: Corpus, n_strings: int, seed: int, shortest: int = 3, longest: int = 7
) -> ConnectedDigits:
    """Say strings of random digits with the clips of one speaker each (chapter 08).

    Words follow each other with pauses from -60 ms (they overlap, cross-faded) to 350 ms;
    their levels differ; silence and a noise of the course surround them. The same corpus,
    number and seed give the same strings.

    Raises ConnectedDigitsError: fewer than one string or one word, or a corpus without clips.
    """
    if n_strings < 1 or not 1 <= shortest <= longest or len(corpus) == 0:
        raise ConnectedDigitsError(
            f"{n_strings} strings of {shortest} to {longest} words from {len(corpus)} clips: "
            "each of the four must be at least 1, and the longest not below the shortest"
        )
    rng = np.random.default_rng(seed)
    noises = [load_noise(kind) for kind in NOISES]
    voices = [np.flatnonzero(corpus.speakers == name) for name in np.unique(corpus.speakers)]
    strings = []
    for _ in range(n_strings):
        clips = voices[rng.integers(len(voices))]
        digits = np.unique(corpus.labels[clips])
        target = rng.choice(digits, rng.integers(shortest, longest + 1))
        said = [rng.choice(clips[corpus.labels[clips] == digit]) for digit in target]
        words = [corpus.waveforms[clip] for clip in said]
        waveform, span = join(words, corpus.sample_rate, rng)
        noise = noises[rng.integers(len(noises))]
        waveform = mix_at_snr(waveform, noise, rng.uniform(*COMPOSITION.noise_db), rng)
        speaker = corpus.speakers[clips[0]]
        strings.append((np.clip(waveform, -1, 1), target, speaker, span))
    waveforms, targets, speakers, spans = zip(*strings, strict=True)
    return ConnectedDigits(waveforms, targets, np.array(speakers), spans, corpus.sample_rate)


def join(
    words: Sequence[np.ndarray],
    sample_rate: int,
    rng: np.random.Generator,
    pause: float | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Put words (samples,) one after the other: (samples,), and their spans (words, 2) in s.

    Pauses are drawn as `compose` says, or are all `pause` seconds long, below 0 an overlap.
    """
    lengths = np.array([len(word) for word in words])
    how, n_words = COMPOSITION, len(words)
    drawn = pause is None
    gaps = rng.uniform(*how.pause_seconds, n_words) if drawn else np.full(n_words, pause)
    gaps[0], end = rng.uniform(*how.margin_seconds, 2)
    gaps = (gaps * sample_rate).astype(int)
    starts = np.cumsum(gaps) + np.cumsum(lengths) - lengths
    waveform = np.zeros((starts + lengths).max() + int(end * sample_rate), np.float32)
    level = rng.uniform(*how.string_level_db)
    ramp = np.linspace(0, 1, int(how.fade_seconds * sample_rate), dtype=np.float32)
    for start, word in zip(starts, words, strict=True):
        gain = 10 ** ((level + rng.uniform(*how.word_level_db)) / 20) / (np.abs(word).max() + 1e-9)
        envelope = np.ones(len(word), np.float32)
        envelope[: len(ramp)] = ramp[: len(word)]
        envelope[-len(ramp) :] *= ramp[::-1][-len(word) :]
        waveform[start : start + len(word)] += gain * envelope * word
    return waveform, np.stack([starts, starts + lengths], axis=1) / sample_rate


def collapse(symbols: np.ndarray, blank: int = BLANK) -> np.ndarray:
    """Read a path of symbols (steps,) as CTC does: repeats become one, then blanks go."""
    symbols = np.asarray(symbols)
    new = np.diff(symbols, prepend=blank) != 0
    return symbols[new & (symbols != blank)]


def greedy_decode(logits: np.ndarray, blank: int = BLANK) -> np.ndarray:
    """Take the most probable symbol of each output (steps, symbols), and collapse: (words,)."""
    return collapse(np.argmax(logits, axis=-1), blank)


def check_target(
    target: np.ndarray, n_outputs: int, n_symbols: int = N_SYMBOLS, blank: int = BLANK
) -> None:
    """Refuse a target (words,) that no path of `n_outputs` symbols can spell.

    Raises ConnectedDigitsError: an empty target, a symbol outside the alphabet or the blank
    itself, more words than outputs, repeated words without room for a blank between them.
    """
    target = np.asarray(target)
    if target.ndim != 1 or len(target) == 0:
        raise ConnectedDigitsError(
            f"a target of shape (words,) with at least one word expected, given {target.shape}: "
            "leave strings in which nothing is said out of the batch"
        )
    wrong = (target < 0) | (target >= n_symbols) | (target == blank) | (target % 1 != 0)
    if wrong.any():
        raise ConnectedDigitsError(
            f"{target[wrong][0]} is no symbol of a target: 0 … {n_symbols - 1} without the blank, "
            f"{blank}, expected; padding counts as a symbol too, so cut it off"
        )
    repeats = int((target[1:] == target[:-1]).sum())
    if len(target) + repeats > n_outputs:
        blanks = f" and {repeats} blanks between equal neighbours" if repeats else ""
        raise ConnectedDigitsError(
            f"{len(target)} words{blanks} do not fit into {n_outputs} outputs: "
            "give a longer recording or a network with a smaller stride"
        )
