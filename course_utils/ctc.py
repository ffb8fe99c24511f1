"""Strings whose words have no place in time: batches to learn from, and CTC (chapter 07).

`training.train` does the training, with `ctc_loss`.
"""

from __future__ import annotations

from collections.abc import Sequence

import course_utils.start_tensorflow  # noqa: F401  (before keras)
from course_utils.augmentation import Spectra, add_noise, mask, warp_throat
from course_utils.features import mel_filterbank, pad_or_crop, place
from course_utils.strings import (
    BLANK,
    STRIDE,
    STRING_FRONT_END,
    check_batch,
    check_target,
    scale_log_mel,
    string_features,
)

import keras
import numpy as np

LEVEL_DB = (-5.0, 25.0)  # of the loudest cell of a word, in mel energy
PAUSE_FRAMES = (-6, 36)  # as `strings.PAUSE_SECONDS`
MARGIN_FRAMES = (5, 50)  # before the first word and after the last


def colour(mel: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Hear each string through another microphone: gains that vary smoothly over the bands.

    mel energies (strings, frames, bands); the gains deviate by 3 dB.
    """
    band = (np.arange(mel.shape[-1]) + 0.5) / mel.shape[-1]
    waves = np.cos(np.pi * np.outer(np.arange(1, 5), band))
    gain = np.exp(rng.normal(0, 0.5, (len(mel), len(waves))) @ waves)
    return mel * gain[:, None].astype(np.float32)


class StringClips(keras.utils.PyDataset):
    """Batches for `fit`: each epoch says every clip once, in strings of 1 to 7 words (chapter 07).

    A batch is features (strings, frames, bands) and targets (strings, 1 + longest): first the
    number of outputs that belong to the string, then its digits, then -1 where it has no
    more of them. See `ctc_loss`.

    Parameters
    ----------
    spectra : of the clips to train on, from `augmentation.spectra_of`
    labels, speakers : (clips,); the words of one string are said by one speaker
    extra : spectra, labels and speakers of further clips, such as synthetic voices; each
        epoch draws as many of them as there are clips
    """

    def __init__(
        self,
        spectra: Spectra,
        labels: np.ndarray,
        speakers: np.ndarray,
        seed: int,
        extra: tuple[Spectra, np.ndarray, np.ndarray] | None = None,
        batch_size: int = 32,
        longest: int = 7,
        augment: bool = True,
    ):
        super().__init__()
        self.parts = [(spectra, np.asarray(labels), np.asarray(speakers), len(labels))]
        if extra:
            self.parts.append((*extra, len(labels)))
        self.rng, self.batch_size = np.random.default_rng(seed), batch_size
        self.longest, self.augment = longest, augment
        n_clips = sum(part[-1] for part in self.parts)
        self.n_batches = max(1, int(n_clips / ((1 + longest) / 2) / batch_size))
        self.draw()

    def draw(self) -> None:
        """Augment all words anew and deal them into strings of like length."""
        self.words, self.labels, strings = [], [], []
        for spectra, labels, speakers, n_clips in self.parts:
            pick = self.rng.choice(len(labels), n_clips, replace=n_clips > len(labels))
            mel, inside = self.say(spectra.select(pick))
            for speaker in np.unique(speakers[pick]):
                clips = np.flatnonzero(speakers[pick] == speaker) + len(self.words)
                cuts = np.cumsum(self.rng.integers(1, self.longest + 1, len(clips)))
                strings += np.split(self.rng.permutation(clips), cuts[cuts < len(clips)])
            self.words += [word[where] for word, where in zip(mel, inside)]
            self.labels.extend(labels[pick])
        strings.sort(key=lambda string: sum(len(self.words[word]) for word in string))
        batches = np.array_split(np.arange(len(strings)), self.n_batches)
        self.rng.shuffle(batches)
        self.batches = [[strings[i] for i in batch] for batch in batches]

    def say(self, spectra: Spectra) -> tuple[np.ndarray, np.ndarray]:
        """Mel energies of each word in another throat and tempo, and where it is speech."""
        n_clips, rng = len(spectra.power), self.rng
        if not self.augment:
            mel = spectra.power @ mel_filterbank()
            return place(mel, spectra.lengths)
        mel = warp_throat(spectra.power, rng)
        return place(mel, spectra.lengths, 1.2 ** rng.uniform(-1, 1, n_clips))

    def __len__(self) -> int:
        return self.n_batches

    def batch(self, index: int) -> tuple[np.ndarray, np.ndarray, list[np.ndarray]]:
        """Features and targets, and the spans (words, 2) of each string's words in frames."""
        strings, rng = self.batches[index], self.rng
        spans, n_frames = [], []
        for string in strings:
            lengths = np.array([len(self.words[word]) for word in string])
            gaps = rng.integers(*PAUSE_FRAMES, len(string))
            gaps[0], end = rng.integers(*MARGIN_FRAMES, 2)
            ends = np.cumsum(gaps) + np.cumsum(lengths)
            spans.append(np.stack([ends - lengths, ends], axis=1))
            n_frames.append(ends.max() + end)
        n_frames = np.array(n_frames)
        mel = np.zeros((len(strings), n_frames.max(), self.words[0].shape[-1]), np.float32)
        targets = np.full((len(strings), 1 + self.longest), -1, np.int32)
        targets[:, 0] = n_frames // STRIDE
        for row, string in enumerate(strings):
            level = rng.uniform(*LEVEL_DB) + rng.uniform(-3, 3, len(string))
            for word, gain, (start, end) in zip(string, 10 ** (level / 10), spans[row]):
                mel[row, start:end] += gain * self.words[word]
            targets[row, 1 : 1 + len(string)] = [self.labels[word] for word in string]
            check_target(targets[row, 1 : 1 + len(string)], targets[row, 0])
        inside = np.arange(mel.shape[1]) < n_frames[:, None]
        mel = add_noise(colour(mel, rng), inside, rng)
        for row in np.flatnonzero(rng.random(len(strings)) < 1 / 3):  # a stream that is cut off
            mel[row, spans[row].max() + rng.integers(MARGIN_FRAMES[1]) :] = 0
        floor = STRING_FRONT_END.floor
        features = scale_log_mel(np.log(np.maximum(mel, floor)))
        return mask(features, inside, rng), targets, spans

    def __getitem__(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        return self.batch(index)[:2]

    on_epoch_end = draw


def ctc_loss(targets, logits):
    """Minus the logarithm of the probability of each string: (strings,).

    targets (strings, 1 + words) as `StringClips` makes them, with the true number of
    outputs first, and -1 after a string's last word; logits (strings, outputs, symbols).
    """
    targets = keras.ops.cast(targets, "int32")
    n_outputs, symbols = targets[:, 0], targets[:, 1:]
    n_words = keras.ops.sum(keras.ops.cast(symbols >= 0, "int32"), axis=1)
    symbols = keras.ops.maximum(symbols, 0)
    return keras.ops.ctc_loss(symbols, logits, n_words, n_outputs, mask_index=BLANK)


def checked_ctc_loss(
    targets: np.ndarray,
    target_lengths: np.ndarray,
    logits: np.ndarray,
    output_lengths: np.ndarray,
) -> np.ndarray:
    """`keras.ops.ctc_loss` with the blank last, for a batch that was looked at first.

    targets (strings, words), logits (strings, outputs, symbols) and the true lengths
    (strings,) of both, to (strings,). Raises `strings.StringError` for what CTC has no
    answer to, where `keras.ops.ctc_loss` gives a number, infinite or not.
    """
    blank = np.shape(logits)[-1] - 1
    log_probabilities = keras.ops.convert_to_numpy(keras.ops.log_softmax(logits))
    check_batch(targets, target_lengths, log_probabilities, output_lengths, blank)
    loss = keras.ops.ctc_loss(targets, logits, target_lengths, output_lengths, mask_index=blank)
    return keras.ops.convert_to_numpy(loss)


def log_posteriors(model: keras.Model, waveforms: Sequence[np.ndarray]) -> list[np.ndarray]:
    """Logarithm of the probability of each symbol at each output: (outputs, symbols) a string.

    Strings of like length go through the network together. The zeros that pad a batch come
    after a string's last frame, and the network is causal: they change nothing.
    """
    found: list[np.ndarray] = [np.empty(0)] * len(waveforms)
    order = np.argsort([len(waveform) for waveform in waveforms])
    for batch in np.array_split(order, -(-len(order) // 32)):
        padded = pad_or_crop([waveforms[i] for i in batch], len(waveforms[batch[-1]]))
        tables = keras.ops.log_softmax(model(string_features(padded), training=False))
        for i, table in zip(batch, keras.ops.convert_to_numpy(tables), strict=True):
            found[i] = table[: STRING_FRONT_END.n_frames(len(waveforms[i])) // STRIDE]
    return found
