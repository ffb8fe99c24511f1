"""Recognition by the nearest word vector, beside a softmax, with controls (chapter 11).

One body, one number of steps, one set of augmented clips; only the last layer differs. A softmax
layer learns its weights; the others compare the output with a table of vectors, a row a word. Four
voices, each fourth by the alphabet, are in no training; of the other twelve the last take is
kept for a test. The body was chosen with other voices held out.

Every training is kept in build/ as soon as it is done, so an interrupted run loses nothing.
"""

from __future__ import annotations

import csv
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from course_utils import augmentation, corpora, ctc, features, training
from course_utils.paths import DATA_FOLDER, ROOT
from data.recipes import fingerprint, recordings
from tests.benchmarks.rows import read, write

import keras
import numpy as np
from keras import layers, ops
from scipy import sparse
from scipy.sparse.linalg import svds
from threadpoolctl import threadpool_limits

RUNS_FILE = ROOT / "build" / "word-vectors-runs.json"
TRANSFORMER_RUNS_FILE = ROOT / "build" / "transformer-table-runs.json"
SEEDS = (0, 1, 2)
FRAMES = 64  # every clip is stretched to so many
JITTER = 0.06  # of a clip that may be cut at either end
COPIES = 6  # augmented ones of each clip, the same for all networks
CHANNELS = 80
SCALE = 12.0  # of the cosines, before the softmax of the contrastive loss
SIZES = 50  # numbers in a vector
SLOTS = 6  # parts of a word in the phonetic vectors
EPOCHS = {1: 20, 2: 14, 3: 10}  # by takes of a word
PEAK_RATE = 4e-3
HELD_OUT = 20  # words that are never heard
NEW_WORDS = 30  # of fine-tuning
SPLITS = ("known voices", "new voices")


def setup() -> Any:
    """What the numbers depend on."""
    how = SEEDS, FRAMES, JITTER, COPIES, CHANNELS, SCALE, SIZES, SLOTS, PEAK_RATE
    return how, EPOCHS, HELD_OUT, NEW_WORDS, recordings(["words", "text"])


def transformer_setup() -> Any:
    """What the numbers of the transformer's table depend on."""
    return setup(), recordings(["transformer"])


# ---------------------------------------------------------------- the clips


class Clips(NamedTuple):
    """The corpus, and which clips are for what."""

    corpus: corpora.Corpus
    spectra: augmentation.Spectra
    inputs: np.ndarray
    test_voices: list[str]

    def of(self, split: str) -> np.ndarray:
        """Return the mask of the clips of a split."""
        new = np.isin(self.corpus.speakers, self.test_voices)
        return new if split == "new voices" else ~new & (self.corpus.takes == 3)

    def training(self, takes: int) -> np.ndarray:
        """Return the mask of the clips to train on."""
        return ~np.isin(self.corpus.speakers, self.test_voices) & (self.corpus.takes < takes)


def fill_frames(mel: np.ndarray, lengths: np.ndarray, start: Any = 0.0, end: Any = 1.0):
    """Stretch the speech of each clip, from share `start` to share `end`, to `FRAMES` frames."""
    start, end = (np.broadcast_to(share, len(mel))[:, None] for share in (start, end))
    share = start + (end - start) * np.linspace(0, 1, FRAMES)
    place = np.clip(share, 0, 1) * (lengths[:, None] - 1)
    before = np.floor(place).astype(int)
    after = np.minimum(before + 1, lengths[:, None] - 1)
    part, clip = (place - before)[..., None].astype(np.float32), np.arange(len(mel))[:, None]
    return mel[clip, before] * (1 - part) + mel[clip, after] * part


def blurred(mel: np.ndarray, rng: np.random.Generator, most: float) -> np.ndarray:
    """Let each band hear a share of its neighbours: mel energies (clips, frames, bands).

    A clip's share is drawn from 0 to `most`; at both ends a band stands in for the missing one.
    """
    share = rng.uniform(0, most, (len(mel), 1, 1)).astype(np.float32)
    wide = np.pad(mel, ((0, 0), (0, 0), (1, 1)), mode="edge")
    return (1 - 2 * share) * mel + share * (wide[..., :-2] + wide[..., 2:])


def augmented(
    spectra: augmentation.Spectra, rng: np.random.Generator, colour: float = 0.0, blur: float = 0.0
) -> np.ndarray:
    """Return a copy of each clip: another vocal tract, other ends, noise, masks.

    `colour` is how much another microphone may change it, as in `ctc.colour`; `blur` how much of
    a band its neighbours may hear, see `blurred`.
    """
    mel = augmentation.vtlp(spectra, rng)
    if blur:
        mel = blurred(mel, rng, blur)
    if colour:
        mel = ctc.colour(mel, rng, colour)
    ends = rng.uniform(-JITTER, JITTER, (2, len(mel)))
    mel = fill_frames(mel, spectra.lengths, ends[0], 1 + ends[1])
    inside = np.ones(mel.shape[:2], bool)
    noisy = augmentation.add_noise(mel, inside, rng)
    made = features.normalise_log_mel(noisy, spectra.front_end)
    return augmentation.spec_augment(made, inside, rng, (6, 6))


@cache
def clips() -> Clips:
    """Load the corpus and make the plain inputs."""
    corpus = corpora.load_words()
    spectra = augmentation.spectra_of(corpus)
    mel = augmentation.vtlp(spectra, np.random.default_rng(0), None)
    plain = features.normalise_log_mel(fill_frames(mel, spectra.lengths), spectra.front_end)
    return Clips(corpus, spectra, plain, [str(v) for v in np.unique(corpus.speakers)[3::4]])


@cache
def copies(seed: int) -> list[np.ndarray]:
    """Return augmented copies of all clips: the same for every network of a seed."""
    rng = np.random.default_rng(seed)
    return [augmented(clips().spectra, rng).astype(np.float16) for _ in range(COPIES)]


class Copies:
    """What `training.train` draws from: each epoch the next copy, shuffled."""

    def __init__(self, mask: np.ndarray, labels: np.ndarray, seed: int, batch_size: int = 64):
        self.chosen, self.labels, self.seed = np.flatnonzero(mask), labels, seed
        self.batch_size, self.epoch = min(batch_size, len(self.chosen)), 0
        self.rng = np.random.default_rng(seed)

    def __len__(self) -> int:
        return len(self.chosen) // self.batch_size

    def draw(self) -> list[tuple[np.ndarray, np.ndarray]]:
        source = copies(self.seed)[self.epoch % COPIES]
        self.epoch += 1
        order = self.rng.permutation(self.chosen)[: len(self) * self.batch_size]
        return [(source[b].astype(np.float32), self.labels[b]) for b in np.split(order, len(self))]


# ---------------------------------------------------------------- the tables


def own_vectors() -> tuple[list[str], np.ndarray]:
    """PPMI of the stored counts, and its first singular vectors."""
    with np.load(DATA_FOLDER / "text" / "counts.npz") as stored:
        words, indptr = list(map(str, stored["words"])), stored["indptr"].astype(int)
        columns, counts = np.cumsum(stored["steps"].astype(int)), stored["counts"].astype(float)
    upper = sparse.csr_array((counts, columns, indptr), shape=(len(words), len(words)))
    pairs = (upper + upper.T).tocoo()
    totals = np.asarray(pairs.sum(axis=1)).ravel()
    context = totals**0.75 / np.sum(totals**0.75)
    ratio = pairs.data / (totals[pairs.row] * context[pairs.col])
    ppmi = sparse.csr_array((np.maximum(np.log(ratio), 0), (pairs.row, pairs.col)), pairs.shape)
    left, values, _ = svds(ppmi, SIZES, v0=np.full(len(words), len(words) ** -0.5))
    return words, left * np.sqrt(values)


def phonetic_vectors(words: list[str]) -> np.ndarray:
    """Features of a word's sounds, averaged over each of `SLOTS` parts of it."""
    folder = DATA_FOLDER / "text"
    with open(folder / "sounds.csv", newline="") as file:
        feature = {row.pop("sound"): row for row in csv.DictReader(file)}
    numbers = {s: [float(v) for k, v in r.items() if k != "example"] for s, r in feature.items()}
    with open(folder / "pronunciations.csv", newline="") as file:
        said = {row["word"]: row["sounds"].split() for row in csv.DictReader(file)}
    vectors = []
    for word in words:
        sounds = np.array([numbers[sound] for sound in said[word]])
        edges, slots = np.linspace(0, 1, len(sounds) + 1), np.linspace(0, 1, SLOTS + 1)
        shared = np.minimum(slots[1:, None], edges[1:]) - np.maximum(slots[:-1, None], edges[:-1])
        shared = np.maximum(shared, 0)
        vectors.append((shared @ sounds / shared.sum(axis=1, keepdims=True)).ravel())
    return np.array(vectors)


def finished(vectors: np.ndarray) -> np.ndarray:
    """Centre, keep at most `SIZES` numbers, scale to length one."""
    left, values, _ = np.linalg.svd(vectors - vectors.mean(axis=0), full_matrices=False)
    kept = left[:, :SIZES] * values[:SIZES]
    return (kept / np.linalg.norm(kept, axis=1, keepdims=True)).astype(np.float32)


@cache
def table(name: str, seed: int) -> np.ndarray:
    """Return a table of vectors of the corpus's words, each of length one."""
    words, rng = list(clips().corpus.words), np.random.default_rng(1000 + seed)
    if name == "one-hot":
        return np.eye(len(words), dtype=np.float32)
    if name == "phonetic":
        return finished(phonetic_vectors(words))
    if name.startswith("transformer"):
        with np.load(DATA_FOLDER / "transformer" / "table.npz") as stored:
            known = list(map(str, stored["words"]))
            learned = finished(
                stored["vectors"][[known.index(word) for word in words]].astype(float)
            )
        return rng.permutation(learned) if name.endswith(", shuffled") else learned
    if name == "own":
        known, vectors = own_vectors()
        return finished(vectors[[known.index(word) for word in words]])
    with np.load(DATA_FOLDER / "text" / "glove.npz") as stored:
        known = list(map(str, stored["words"]))
        glove = finished(stored["vectors"][[known.index(word) for word in words]].astype(float))
    if name == "GloVe, shuffled":
        return rng.permutation(glove)
    if name == "random, same spectrum":
        spread = np.linalg.svd(glove, compute_uv=False)
        basis = np.linalg.qr(rng.normal(size=glove.shape))[0]
        return finished(basis * spread[: basis.shape[1]])
    return glove


# ---------------------------------------------------------------- the network


def body(n_outputs: int) -> keras.Model:
    """Map features (clips, FRAMES, 40) to (clips, n_outputs): convolutions along time."""

    def normalised(x):
        return layers.ReLU()(layers.BatchNormalization(momentum=0.9)(x))

    def convolution(x, kind, filters, size, **how):
        return normalised(kind(filters, size, padding="same", use_bias=False, **how)(x))

    inputs = keras.Input((FRAMES, 40))
    x = convolution(inputs, layers.Conv1D, 64, 5, strides=2)
    x = convolution(x, layers.SeparableConv1D, CHANNELS, 7)
    x = layers.MaxPooling1D(2)(x)
    for _ in range(2):
        x = convolution(x, layers.SeparableConv1D, CHANNELS, 7)
    x = layers.AveragePooling1D(2)(x)
    x = convolution(x, layers.Conv1D, 32, 1)
    x = layers.Dropout(0.2)(layers.Flatten()(x))
    return keras.Model(inputs, layers.Dense(n_outputs)(x))


class Nearest(keras.layers.Layer):
    """Cosine of each output with each row of a table: (clips, numbers) to (clips, words)."""

    def __init__(self, vectors: np.ndarray, trainable: bool):
        super().__init__()
        start = keras.initializers.Constant(vectors)
        self.table = self.add_weight(
            shape=vectors.shape, initializer=start, trainable=trainable, name="table"
        )

    def call(self, x):
        unit = ops.normalize(self.table, axis=-1)
        return ops.matmul(ops.normalize(x, axis=-1), ops.transpose(unit))


cross_entropy = keras.losses.SparseCategoricalCrossentropy(from_logits=True)


def hit_and_apart(labels, cosines):
    """How far from the right vector, and how much nearer to it than to the others."""
    right = ops.cast(ops.reshape(labels, (-1, 1)), "int32")
    distance = 1 - ops.take_along_axis(cosines, right, axis=1)
    return ops.mean(distance) + cross_entropy(labels, SCALE * cosines)


def fit(mask: np.ndarray, labels: np.ndarray, seed: int, epochs: int, vectors=None, tuned=False):
    """Train; return the whole network, and its body."""
    keras.utils.clear_session()
    training.set_seed(seed)
    trunk = body(int(labels.max()) + 1 if vectors is None else vectors.shape[1])
    whole = trunk if vectors is None else keras.Sequential([trunk, Nearest(vectors, tuned)])
    loss = cross_entropy if vectors is None else hit_and_apart
    drawn = Copies(mask, labels, seed)
    training.train(whole, drawn, epochs, PEAK_RATE, loss, metrics=(), progress=False)
    return whole, trunk


def outputs(model: keras.Model, mask: np.ndarray) -> np.ndarray:
    """Return what a network says of some clips."""
    return model.predict(clips().inputs[mask], batch_size=512, verbose=0)


def share_right(answers: np.ndarray, mask: np.ndarray) -> float:
    """Share of the clips whose answer, a position in the corpus's words, is right."""
    return float(np.mean(answers == clips().corpus.labels[mask]))


# ---------------------------------------------------------------- what is measured


def heard_words(name: str, takes: int, tuned: bool, seed: int) -> dict[str, float]:
    """Words that were heard: by known voices, by new ones, and by each of these."""
    data = clips()
    vectors = None if name == "softmax" else table(name, seed)
    whole, _ = fit(
        data.training(takes), data.corpus.labels, seed, EPOCHS[takes], vectors, tuned
    )  # fmt: skip
    found = {}
    for split in SPLITS:
        answers = outputs(whole, data.of(split)).argmax(axis=1)
        found[split] = share_right(answers, data.of(split))
    for voice in data.test_voices:
        mask = data.corpus.speakers == voice
        found[f"new voices: {voice}"] = share_right(outputs(whole, mask).argmax(axis=1), mask)
    return found


def held_out_words(seed: int) -> np.ndarray:
    """Return the words that a seed's networks never hear."""
    return np.random.default_rng(seed).permutation(len(clips().corpus.words))[:HELD_OUT]


def never_heard(name: str, seed: int) -> dict[str, float]:
    """Words that were never heard: recognised among themselves, and among all words."""
    data, held = clips(), held_out_words(seed)
    words = data.corpus.words
    heard = np.setdiff1d(np.arange(len(words)), held)
    labels = np.searchsorted(heard, data.corpus.labels)  # wrong for held-out words: not used
    vectors, is_held = table(name, seed), np.isin(data.corpus.labels, held)
    mask = data.training(3) & ~is_held
    _, trunk = fit(mask, labels, seed, EPOCHS[3], vectors[heard])
    found = {}
    for split in SPLITS:
        chosen = data.of(split) & is_held
        scores = outputs(trunk, chosen) @ vectors.T
        among = held[scores[:, held].argmax(axis=1)]
        found[f"words never heard, {split}"] = share_right(among, chosen)
        found[f"words never heard, among all 75, {split}"] = share_right(
            scores.argmax(axis=1), chosen
        )
    return found


_weights: dict[int, list[np.ndarray]] = {}  # by seed: one training for all that follows it


def pretrained(seed: int, mask: np.ndarray, labels: np.ndarray, vectors: np.ndarray):
    """Train on the old words and voices, or take what that gave before."""
    if seed not in _weights:
        _weights[seed] = fit(mask, labels, seed, EPOCHS[3], vectors)[0].get_weights()
    keras.utils.clear_session()
    training.set_seed(seed)
    trunk = body(vectors.shape[1])
    whole = keras.Sequential([trunk, Nearest(vectors, False)])
    whole.set_weights(_weights[seed])
    return whole, trunk


def fine_tuned(how: str, per_word: int, seed: int) -> dict[str, float]:
    """Learn new words from few clips of new voices; what is then left of the old words."""
    data, names = clips(), list(clips().corpus.words)
    order = np.random.default_rng(100 + seed).permutation(len(names))
    is_new = np.isin(data.corpus.labels, order[:NEW_WORDS])
    others = [v for v in np.unique(data.corpus.speakers) if v not in data.test_voices]
    voices = np.random.default_rng(200 + seed).permutation(others)[:4]
    by_new_voice = np.isin(data.corpus.speakers, voices)
    vectors, labels = table("GloVe", seed), data.corpus.labels
    first = data.training(3) & ~is_new & ~by_new_voice
    few = np.isin(data.corpus.speakers, voices[:per_word]) & (data.corpus.takes == 0) & is_new
    if how == "from scratch":
        whole, _ = fit(few, labels, seed, 60, vectors)
    else:
        whole, trunk = pretrained(seed, first, labels, vectors)
        for layer in trunk.layers[:-1]:
            layer.trainable = how in ("all layers", "not at all")
        steps = {"not at all": (), "last layer": (1e-2,), "all layers": (PEAK_RATE,)}
        for rate in steps.get(how, (1e-2, PEAK_RATE / 10)):
            drawn = Copies(few, labels, seed, 32)
            training.train(whole, drawn, 30, rate, hit_and_apart, metrics=(), progress=False)
            trunk.trainable = True
    tested = by_new_voice & (data.corpus.takes == 3)
    found = {}
    for what, mask in (("new words", tested & is_new), ("old words", tested & ~is_new)):
        found[f"fine-tuning, {what}"] = share_right(outputs(whole, mask).argmax(axis=1), mask)
    return found


TABLES = (
    "softmax",
    "one-hot",
    "GloVe",
    "own",
    "GloVe, shuffled",
    "random, same spectrum",
    "phonetic",
)
FEW = {1: ("softmax", "GloVe", "GloVe, shuffled", "phonetic")}
NEVER = ("phonetic", "GloVe", "own", "random, same spectrum")
HOW = ("not at all", "from scratch", "last layer", "all layers", "last layer, then all")
Job = tuple[str, Callable[..., dict[str, float]], tuple]


def jobs() -> list[Job]:
    """Return (name of the model, function, its arguments) of everything that is trained."""
    listed: list[Job] = []
    for name in TABLES:
        listed.append((f"{name}, 3 takes", heard_words, (name, 3, False)))
    for name in NEVER:
        listed.append((f"{name}, 55 words", never_heard, (name,)))
    for name in ("GloVe",):
        listed.append((f"{name}, table tuned, 3 takes", heard_words, (name, 3, True)))
    for takes, names in FEW.items():
        for name in names:
            listed.append((f"{name}, {takes} takes", heard_words, (name, takes, False)))
    for how in HOW:
        listed.append((f"{how}, 4 clips a word", fine_tuned, (how, 4)))
    return listed


def transformer_jobs() -> list[Job]:
    """Return what is trained to hit the rows of a transformer's table, as `jobs`."""
    shuffled = "transformer, shuffled"
    return [
        ("transformer, 3 takes", heard_words, ("transformer", 3, False)),
        (f"{shuffled}, 3 takes", heard_words, (shuffled, 3, False)),
        ("transformer, 55 words", never_heard, ("transformer",)),
        (f"{shuffled}, 55 words", never_heard, (shuffled,)),
    ]


def measure() -> list[dict[str, Any]]:
    """Train all networks but those of the transformer's table."""
    return measured(jobs(), fingerprint(setup()), RUNS_FILE)


def measure_transformer() -> list[dict[str, Any]]:
    """Train networks to hit the rows of the transformer's table."""
    return measured(transformer_jobs(), fingerprint(transformer_setup()), TRANSFORMER_RUNS_FILE)


def measured(listed: list[Job], version: str, kept: Path) -> list[dict[str, Any]]:
    """Train what is not kept yet, and make rows: mean, lowest and highest of the seeds."""
    runs = [run for run in read(kept) if run["version"] == version]
    for seed in SEEDS:
        for model, function, arguments in listed:
            if any((run["model"], run["seed"]) == (model, seed) for run in runs):
                continue
            with threadpool_limits(limits=1):
                found = function(*arguments, seed)
            runs.append({"version": version, "model": model, "seed": seed, **found})
            write(kept, runs)
            print(f"seed {seed}, {model}: {found}", flush=True)
    rows = []
    for model, _, _ in listed:
        of_model = [run for run in runs if run["model"] == model]
        for split in of_model[0]:
            if split in ("version", "model", "seed"):
                continue
            values = [run[split] for run in of_model]
            what = {"model": model, "split": split, "corpus": "words", "metric": "accuracy"}
            numbers = {"value": float(np.mean(values)), "low": min(values), "high": max(values)}
            rows.append({**what, **numbers, "unit": "fraction", "seeds": list(SEEDS)})
    return rows
