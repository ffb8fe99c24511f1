"""Words recognised by a better body, and with more voices to learn from (chapter 11).

The words, their split and the four test voices are those of word_vectors.py. The body is the
network of chapter 05, whose kernels move along frequency as well. The training has the same clips
and, beside them, one clip of each word by the voices of `data/more_words`. Each epoch is augmented
anew, and heard through another microphone. Voices that were made from recordings of people are
rare, so their clips are there three times. For 61 voices all this was chosen with two of them held
out, `rms` and `ked`; the epochs of the 12 voices make about as many steps.

Every training is kept in build/ as soon as it is done, so an interrupted run loses nothing.
"""

from __future__ import annotations

import csv
from dataclasses import replace
from functools import cache
from typing import Any

from course_utils import augmentation, corpora, features, models, training
from course_utils.paths import DATA_FOLDER, ROOT
from data.recipes import fingerprint, recordings
from tests.benchmarks import word_vectors
from tests.benchmarks.robustness import real_clips
from tests.benchmarks.rows import read, write

import keras
import numpy as np
from threadpoolctl import threadpool_limits

RUNS_FILE = ROOT / "build" / "more-voices-runs.json"
SEEDS = (0, 1, 2)
EPOCHS = {"12 voices": 40, "61 voices": 16}  # of about as many steps
BATCH_SIZE = 64
COLOUR = 0.4  # of another microphone, see `ctc.colour`
SMOOTHING = 0.1  # of the labels
OF_PEOPLE = ("rms", "awb", "ked")  # built from recordings of people, as those of Kokoro are
TIMES = 3  # that their clips are there
MODELS = tuple(f"softmax, network of chapter 05, {taught}" for taught in EPOCHS)


def setup() -> Any:
    """What the numbers depend on."""
    return MODELS, SEEDS, training_setup()


def training_setup() -> Any:
    """What one training depends on, beside its seed and who is learned from."""
    how = EPOCHS, BATCH_SIZE, COLOUR, SMOOTHING, OF_PEOPLE, TIMES
    return how, word_vectors.PEAK_RATE, word_vectors.JITTER, recordings(["words", "more_words"])


@cache
def further() -> tuple[augmentation.Spectra, np.ndarray]:
    """Spectra of the 75 words by the further voices, and which of these are made by Kokoro."""
    more, words = corpora.load_words("more_words"), word_vectors.clips().corpus.words
    if more.words[: len(words)] != words:
        raise ValueError("more_words has other words, or another order, than words")
    more = more.select(more.labels < len(words))
    with open(DATA_FOLDER / "more_words" / "index.csv", newline="", encoding="utf-8") as file:
        neural = {row["voice"] for row in csv.DictReader(file) if row["engine"] == "kokoro"}
    return augmentation.spectra_of(more), np.isin(more.speakers, sorted(neural))


def learned_from(taught: str) -> list[augmentation.Spectra]:
    """Return the clips of an epoch: those of voices made of people's recordings thrice."""
    data = word_vectors.clips()
    mine = data.training(3)
    of_people = mine & np.isin(data.corpus.speakers, OF_PEOPLE)
    parts = [data.spectra.select(mine), *[data.spectra.select(of_people)] * (TIMES - 1)]
    if taught == "61 voices":
        spectra, neural = further()
        parts += [spectra, *[spectra.select(neural)] * (TIMES - 1)]
    return parts


@cache
def real_voice() -> tuple[np.ndarray, np.ndarray]:
    """Inputs and labels of the words that one real woman says, too."""
    corpus = word_vectors.clips().corpus
    known = [pair for pair in zip(*real_clips("word"), strict=True) if pair[0] in corpus.words]
    said = replace(
        corpus,
        name="real",
        waveforms=tuple(clip for _, clip in known),
        labels=np.array([corpus.words.index(word) for word, _ in known]),
        speakers=np.array(["one woman"] * len(known)),
        takes=np.zeros(len(known), int),
    )
    spectra = augmentation.spectra_of(said)
    mel = augmentation.vtlp(spectra, np.random.default_rng(0), None)
    stretched = word_vectors.fill_frames(mel, spectra.lengths)
    return features.normalise_log_mel(stretched, spectra.front_end), said.labels


class Anew:
    """What `training.train` draws from: each epoch all clips, augmented anew."""

    def __init__(self, parts: list[augmentation.Spectra], n_words: int, seed: int):
        self.parts, self.rng = parts, np.random.default_rng(seed)
        self.targets = np.eye(n_words, dtype=np.float32)[
            np.concatenate([part.labels for part in parts])
        ]

    def __len__(self) -> int:
        return len(self.targets) // BATCH_SIZE

    def draw(self) -> list[tuple[np.ndarray, np.ndarray]]:
        made = np.concatenate(
            [word_vectors.augmented(part, self.rng, COLOUR) for part in self.parts]
        ).astype(np.float32)
        order = self.rng.permutation(len(made))[: len(self) * BATCH_SIZE]
        return [(made[batch], self.targets[batch]) for batch in np.split(order, len(self))]


def heard(model: str, seed: int) -> dict[str, float]:
    """Words by known voices, by new ones, by each of these, and by a real voice."""
    taught, data = model.rpartition(", ")[2], word_vectors.clips()
    keras.utils.clear_session()
    training.set_seed(seed)
    n_words = len(data.corpus.words)
    network = models.digit_network(word_vectors.FRAMES, 40, n_words)
    drawn = Anew(learned_from(taught), n_words, seed)
    loss = keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=SMOOTHING)
    how = EPOCHS[taught], word_vectors.PEAK_RATE, loss
    training.train(network, drawn, *how, metrics=(), progress=False)
    masks = {split: data.of(split) for split in word_vectors.SPLITS}
    masks |= {f"new voices: {v}": data.corpus.speakers == v for v in data.test_voices}
    found = {
        split: word_vectors.share_right(word_vectors.outputs(network, mask).argmax(axis=1), mask)
        for split, mask in masks.items()
    }
    inputs, labels = real_voice()
    answers = network.predict(inputs, verbose=0).argmax(axis=1)
    return {**found, "real voice": float(np.mean(answers == labels))}


def measure() -> list[dict[str, Any]]:
    """Train what is not kept yet, and make rows: mean, lowest and highest of the seeds."""
    version = fingerprint(training_setup())
    runs = [run for run in read(RUNS_FILE) if run["version"] == version]
    for seed in SEEDS:
        for model in reversed(MODELS):
            if any((run["model"], run["seed"]) == (model, seed) for run in runs):
                continue
            with threadpool_limits(limits=1):
                found = heard(model, seed)
            runs.append({"version": version, "model": model, "seed": seed, "right": found})
            write(RUNS_FILE, runs)
            print(f"seed {seed}, {model}: {found}", flush=True)
    rows = []
    for model in MODELS:
        of_model = [run["right"] for run in runs if run["model"] == model and run["seed"] in SEEDS]
        for split in of_model[0]:
            values = [right[split] for right in of_model]
            what = {"model": model, "split": split, "corpus": "words", "metric": "accuracy"}
            numbers = {"value": float(np.mean(values)), "low": min(values), "high": max(values)}
            rows.append({**what, **numbers, "unit": "fraction", "seeds": list(SEEDS)})
    return rows
