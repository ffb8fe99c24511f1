"""Recognition of the same words with more voices to learn from (chapter 11): what do they bring?

The body, the words and the four test voices are those of word_vectors.py. The training has the
same clips and, beside them, one clip of each word by the voices of `data/more_words`. Each epoch
is augmented anew, and heard through another microphone.
"""

from __future__ import annotations

import csv
from dataclasses import replace
from functools import cache
from typing import Any

from course_utils import augmentation, corpora, ctc, features, training
from course_utils.paths import DATA_FOLDER, ROOT
from data.recipes import fingerprint, recordings
from tests.benchmarks import word_vectors
from tests.benchmarks.rows import read, write

import keras
import numpy as np
import soundfile
from threadpoolctl import threadpool_limits

RUNS_FILE = ROOT / "build" / "more-voices-runs.json"
SEEDS = (0, 1, 2)
EPOCHS = 12
BATCH_SIZE = 64
COLOUR = 0.4  # of another microphone, see `ctc.colour`
MODELS = {  # name of the model: its last layer
    "softmax, more voices": "softmax",
    "one-hot, more voices": "one-hot",
    "phonetic, more voices": "phonetic",
}


def setup() -> Any:
    """What the numbers depend on."""
    return MODELS, SEEDS, training_setup()


def training_setup() -> Any:
    """What one training depends on, beside its seed and its last layer."""
    how = EPOCHS, BATCH_SIZE, COLOUR, word_vectors.PEAK_RATE, word_vectors.JITTER
    return how, word_vectors.CHANNELS, recordings(["words", "more_words", "text", "real"])


@cache
def further() -> augmentation.Spectra:
    """Spectra of the 75 words by the further voices."""
    more, words = corpora.load_words("more_words"), word_vectors.clips().corpus.words
    if more.words[: len(words)] != words:
        raise ValueError("more_words has other words, or another order, than words")
    return augmentation.spectra_of(more.select(more.labels < len(words)))


@cache
def real_voice() -> tuple[np.ndarray, np.ndarray]:
    """Inputs and labels of the words that one real woman says, too."""
    corpus = word_vectors.clips().corpus
    with open(DATA_FOLDER / "real" / "index.csv", newline="", encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["word"] in corpus.words]
    sound = soundfile.read(DATA_FOLDER / "real" / "words.flac", dtype="float32")[0]
    starts = [int(row["start_sample"]) for row in rows]
    said = replace(
        corpus,
        name="real",
        waveforms=tuple(
            sound[start : start + int(row["n_samples"])]
            for start, row in zip(starts, rows, strict=True)
        ),
        labels=np.array([corpus.words.index(row["word"]) for row in rows]),
        speakers=np.array(["one woman"] * len(rows)),
        takes=np.zeros(len(rows), int),
    )
    spectra = augmentation.spectra_of(said)
    mel = augmentation.vtlp(spectra, np.random.default_rng(0), None)
    stretched = word_vectors.fill_frames(mel, spectra.lengths)
    return features.normalise_log_mel(stretched, spectra.front_end), said.labels


def augmented(spectra: augmentation.Spectra, rng: np.random.Generator) -> np.ndarray:
    """Return a copy of each clip, as word_vectors.py makes it, through another microphone."""
    mel = ctc.colour(augmentation.vtlp(spectra, rng), rng, COLOUR)
    ends = rng.uniform(-word_vectors.JITTER, word_vectors.JITTER, (2, len(mel)))
    mel = word_vectors.fill_frames(mel, spectra.lengths, ends[0], 1 + ends[1])
    inside = np.ones(mel.shape[:2], bool)
    noisy = augmentation.add_noise(mel, inside, rng)
    made = features.normalise_log_mel(noisy, spectra.front_end)
    return augmentation.spec_augment(made, inside, rng, (6, 6)).astype(np.float32)


class Anew:
    """What `training.train` draws from: each epoch all clips, augmented anew."""

    def __init__(self, parts: list[augmentation.Spectra], seed: int):
        self.parts, self.rng = parts, np.random.default_rng(seed)
        self.labels = np.concatenate([part.labels for part in parts])

    def __len__(self) -> int:
        return len(self.labels) // BATCH_SIZE

    def draw(self) -> list[tuple[np.ndarray, np.ndarray]]:
        made = np.concatenate([augmented(part, self.rng) for part in self.parts])
        order = self.rng.permutation(len(made))[: len(self) * BATCH_SIZE]
        return [(made[batch], self.labels[batch]) for batch in np.split(order, len(self))]


def heard(name: str, seed: int) -> dict[str, float]:
    """Words by known voices, by new ones, by each of these, and by a real voice."""
    last, data = MODELS[name], word_vectors.clips()
    keras.utils.clear_session()
    training.set_seed(seed)
    if last == "softmax":
        whole = word_vectors.body(len(data.corpus.words))
        loss: Any = word_vectors.cross_entropy
    else:
        vectors = word_vectors.table(last, seed)
        trunk = word_vectors.body(vectors.shape[1])
        whole = keras.Sequential([trunk, word_vectors.Nearest(vectors, False)])
        loss = word_vectors.hit_and_apart
    drawn = Anew([data.spectra.select(data.training(3)), further()], seed)
    training.train(whole, drawn, EPOCHS, word_vectors.PEAK_RATE, loss, metrics=(), progress=False)
    masks = {split: data.of(split) for split in word_vectors.SPLITS}
    masks |= {f"new voices: {v}": data.corpus.speakers == v for v in data.test_voices}
    found = {
        split: word_vectors.share_right(word_vectors.outputs(whole, mask).argmax(axis=1), mask)
        for split, mask in masks.items()
    }
    inputs, labels = real_voice()
    answers = whole.predict(inputs, verbose=0).argmax(axis=1)
    return {**found, "real voice": float(np.mean(answers == labels))}


def measure() -> list[dict[str, Any]]:
    """Train what is not kept yet, and make rows: mean, lowest and highest of the seeds."""
    version = fingerprint(training_setup())
    runs = [run for run in read(RUNS_FILE) if run["version"] == version]
    for model in MODELS:
        for seed in SEEDS:
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
