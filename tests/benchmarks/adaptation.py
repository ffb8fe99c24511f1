"""What a few clips are worth: for a new voice, for a new language; and a conformer (chapter 15).

New voices: a network with half of the filters learns without one of FSDD's speakers, with
synthetic voices beside the people. Then the one left out says each digit some times, among his
takes 0-19; his takes 20-49 test. New languages: synthetic voices teach, one real voice and four
synthetic voices test, which are in no training. Blocks: three networks of about equal size on
the same clips, FSDD's speakers held out in pairs. The ways to adapt and the conformer are the
chapter's own functions.

Every finished training is kept in build/adaptation-runs.json, under the hash of all this.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from functools import cache, partial
from typing import Any

from course_utils import corpora, models, training
from course_utils.augmentation import AUGMENTATION, Spectra, spectra_of
from course_utils.corpora import Corpus
from course_utils.features import COURSE_FRONT_END, network_input
from course_utils.metrics import Proportion, bootstrap_interval, proportion
from course_utils.paths import ROOT
from data.recipes import fingerprint, optimizer, recordings, stored_network
from tests.benchmarks import baselines, folds
from tests.benchmarks.rows import read, write

import keras
import numpy as np

CHAPTER = "15_adapt"
TAKEN = (
    "RATES", "STEPS", "adapt_last_layer", "body_of", "conformer_network", "copy_of", "few_of",
    "last_layer_of", "load_language", "practise", "ready", "renormalise", "with_adapter",
    "with_one",
)  # fmt: skip
RUNS_FILE = ROOT / "build" / "adaptation-runs.json"
SEEDS = (0, 1, 2)
FILTERS = (12, 16, 24, 30, 40)
TAKES, FIRST_TEST = 20, 20
EPOCHS, RATE = 16, 3e-3
COUNTS = (0, 1, 2, 5, 10)
WAYS = ("normalisation", "last layer", "all layers", "adapter")
LANGUAGES = ("mandarin", "french", "russian")
LANGUAGE_COUNTS = (1, 2, 5, 10)
METHODS = ("from scratch", "fine-tuned", "frozen")
HELD_OUT = ("zf_xiaoxiao", "zm_yunxi", "m7", "f4")  # of the synthetic voices
LANGUAGE_STEPS = {"from scratch": 200, "fine-tuned": 80}
LANGUAGE_RATES = {"from scratch": 3e-3, "fine-tuned": 1e-3}
BLOCK_EPOCHS, BLOCK_SEEDS = 14, (0, 1, 2)  # each seed with another pair of speakers

Run = dict[str, Any]

chapter = partial(baselines.functions, CHAPTER, TAKEN)  # what the reader sees is measured


def setup() -> Any:
    """What the numbers depend on."""
    code = baselines.code(CHAPTER, TAKEN)
    how = (
        SEEDS,
        FILTERS,
        TAKES,
        FIRST_TEST,
        EPOCHS,
        COUNTS,
        WAYS,
        folds.PAIRS,
        BLOCK_EPOCHS,
        BLOCK_SEEDS,
    )
    languages = LANGUAGES, LANGUAGE_COUNTS, METHODS, HELD_OUT, LANGUAGE_STEPS, LANGUAGE_RATES
    sounds = recordings(["fsdd", "embedded", "languages"])
    network = stored_network("digit_network")
    return code, how, languages, optimizer(RATE), COURSE_FRONT_END, sounds, network


def label(network: keras.Model, inputs: np.ndarray) -> np.ndarray:
    """Most probable class of each clip."""
    return training.predict(network, inputs).argmax(axis=1)


def kept(kind: str, jobs: Sequence[tuple], measure_one: Callable[..., dict[str, Any]]) -> list[Run]:
    """Do the jobs that are not done yet, and return the runs of all."""
    made_by = fingerprint(setup())
    runs = [run for run in read(RUNS_FILE) if run["recipe_hash"] == made_by]
    done = {tuple(run["job"]) for run in runs if run["kind"] == kind}
    for job in jobs:
        if job not in done:
            start = time.process_time()
            found = measure_one(*job)
            seconds = time.process_time() - start
            about = {"recipe_hash": made_by, "kind": kind, "job": list(job), "seconds": seconds}
            runs.append({**about, **found})
            write(RUNS_FILE, runs)
            print(f"adaptation: {kind}, {job}: {seconds:.0f} s", flush=True)
    return [run for run in runs if run["kind"] == kind]


# ---------------------------------------------------------------- a new voice


@cache
def synthetic_spectra() -> Spectra:
    """Spectra of the synthetic voices."""
    return spectra_of(corpora.load_digits("embedded"))


def learn(network: keras.Model, train: Corpus, seed: int, epochs: int) -> None:
    """Train a network by the course's recipe."""
    clips = training.AugmentedClips(spectra_of(train), seed, synthetic_spectra(), AUGMENTATION)
    training.train(network, clips, epochs, RATE, metrics=(), progress=False)


def reset(network: keras.Model, weights: list[np.ndarray]) -> keras.Model:
    """Put a network and its optimizer back to the start."""
    network.set_weights(weights)
    if network.optimizer.variables:
        for variable in network.optimizer.variables:
            if "learning_rate" not in variable.path:
                variable.assign(np.zeros(variable.shape, variable.dtype))
    return network


def new_voice(speaker: str, seed: int) -> dict[str, Any]:
    """Errors of each way with each number of clips, for one speaker and one training."""
    here = chapter()
    keras.utils.clear_session()
    train, mine = corpora.unknown_speaker_split(corpora.load_digits("fsdd"), speaker)
    training.set_seed(seed)
    base = models.digit_network(98, 40, filters=FILTERS, dropout=0.1)
    learn(base, train.select(train.takes < TAKES), seed, EPOCHS)
    offered, test = mine.select(mine.takes < FIRST_TEST), mine.select(mine.takes >= FIRST_TEST)
    spectra, inputs = spectra_of(offered), network_input(offered.waveforms)
    test_inputs = network_input(test.waveforms)
    body, table = here.body_of(base), here.last_layer_of(base)
    x, test_x = (here.with_one(body.predict(i, verbose=0)) for i in (inputs, test_inputs))
    whole = here.ready(here.copy_of(base), "all layers", here.RATES["all layers"])
    small = here.ready(here.with_adapter(here.copy_of(base)), "adapter", here.RATES["adapter"])
    starts = {"all layers": (whole, whole.get_weights()), "adapter": (small, small.get_weights())}
    before = int((label(base, test_inputs) != test.labels).sum())
    errors = {way: {"0": before} for way in WAYS}
    for k in COUNTS[1:]:
        pick = here.few_of(offered.labels, k, np.random.default_rng(seed))
        moved = here.adapt_last_layer(table, x[pick], np.eye(10)[offered.labels[pick]])
        heard = {"last layer": (test_x @ moved).argmax(axis=1)}
        heard["normalisation"] = label(here.renormalise(base, inputs[pick]), test_inputs)
        for way, (network, weights) in starts.items():
            here.practise(reset(network, weights), spectra.select(pick), here.STEPS, seed)
            heard[way] = label(network, test_inputs)
        for way, answers in heard.items():
            errors[way][str(k)] = int((answers != test.labels).sum())
    return {"errors": errors, "clips": len(test), "parameters": base.count_params()}


def measure_voices() -> list[dict[str, Any]]:
    """Rows: errors of each speaker after some clips a word, and the mean of all speakers."""
    speakers = [str(who) for who in np.unique(corpora.load_digits("fsdd").speakers)]
    runs = kept("new voice", [(who, seed) for seed in SEEDS for who in speakers], new_voice)
    rows = []
    for way in WAYS:
        for k in COUNTS:
            for who in speakers:
                same = [run for run in runs if run["job"][0] == who]
                ends = mean_share([run["errors"][way][str(k)] for run in same], same[0]["clips"])
                about = {"model": way, "metric": "errors", "corpus": "fsdd"}
                rows.append(row(about, f"{who}, {k} clips a word", same, *ends))
            errors = np.array(
                [
                    sum(run["errors"][way][str(k)] for run in runs if run["job"][0] == who)
                    for who in speakers
                ]
            )
            clips = np.full(len(speakers), sum(r["clips"] for r in runs) / len(speakers))
            ends = bootstrap_interval(errors, clips)
            value = errors.sum() / clips.sum()
            about = {"model": way, "metric": "mean of errors", "corpus": "fsdd"}
            rows.append(row(about, f"mean of six, {k} clips a word", runs, value, *ends))
    return rows


def mean_share(counts: Sequence[int], clips: int) -> Proportion:
    """Mean share over the trainings, with the interval that one test of so many clips allows.

    The trainings hear the same clips: three of them are no test that is three times as large.
    """
    return proportion(float(np.mean(counts)), clips)


def row(
    about: dict[str, Any], split: str, runs: list[Run], value: float, low: float, high: float
) -> dict[str, Any]:
    """One row, rounded."""
    ends = {"value": value, "low": low, "high": high}
    return {
        **about,
        "unit": "fraction",
        "split": split,
        **{name: round(float(number), 5) for name, number in ends.items()},
        "seeds": sorted({run["job"][-1] for run in runs}),
        "parameters": runs[0]["parameters"],
    }


# ---------------------------------------------------------------- a new language


@cache
def shipped() -> tuple[keras.Model, keras.Model]:
    """The network that comes with the course, and its body."""
    network = models.load_trained("digit_network")
    return network, chapter().body_of(network)


@cache
def clips_of(language: str) -> tuple[Corpus, dict[str, Corpus]]:
    """Synthetic clips that teach, and what tests."""
    load = chapter().load_language
    synthetic = load(language, "synthetic")
    unheard = np.isin(synthetic.speakers, HELD_OUT)
    tests = {"real voice": load(language, "real")}
    tests["new synthetic voices"] = synthetic.select(unheard)
    return synthetic.select(~unheard), tests


def new_language(language: str, method: str, k: int, seed: int) -> dict[str, Any]:
    """Right answers after learning from k synthetic clips a word."""
    here = chapter()
    teach, tests = clips_of(language)
    network, body = shipped()
    pick = here.few_of(teach.labels, k, np.random.default_rng(seed))
    inputs = {name: network_input(test.waveforms) for name, test in tests.items()}
    if method == "frozen":
        x = here.with_one(body.predict(network_input(teach.select(pick).waveforms), verbose=0))
        start, targets = np.zeros((x.shape[1], 10)), np.eye(10)[teach.labels[pick]]
        table = here.adapt_last_layer(start, x, targets, pull=0.001)
        heard = {
            name: (here.with_one(body.predict(i, verbose=0)) @ table).argmax(axis=1)
            for name, i in inputs.items()
        }
    else:
        training.set_seed(seed)
        pupil = models.digit_network(98, 40)
        if method == "fine-tuned":
            weights = network.get_weights()
            weights[-2:] = pupil.get_weights()[-2:]  # the words are new
            pupil.set_weights(weights)
            here.ready(pupil, "all layers", LANGUAGE_RATES[method])
        else:
            loss = keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=0.1)
            pupil.compile(keras.optimizers.Adam(LANGUAGE_RATES[method]), loss, jit_compile=False)
        here.practise(pupil, spectra_of(teach.select(pick)), LANGUAGE_STEPS[method], seed)
        heard = {name: label(pupil, i) for name, i in inputs.items()}
        keras.utils.clear_session()
    right = {name: int((heard[name] == test.labels).sum()) for name, test in tests.items()}
    clips = {name: len(test) for name, test in tests.items()}
    return {"right": right, "clips": clips, "parameters": network.count_params()}


def measure_languages() -> list[dict[str, Any]]:
    """Rows: accuracy on real and synthetic voices, by method and number of clips."""
    jobs = [
        (language, method, k, seed)
        for seed in SEEDS
        for language in LANGUAGES
        for method in METHODS
        for k in LANGUAGE_COUNTS
    ]
    runs, rows = kept("new language", jobs, new_language), []
    for language in LANGUAGES:
        for method in METHODS:
            for k in LANGUAGE_COUNTS:
                same = [run for run in runs if run["job"][:3] == [language, method, k]]
                for voice in same[0]["right"]:
                    right = [run["right"][voice] for run in same]
                    ends = mean_share(right, same[0]["clips"][voice])
                    about = {"model": method, "metric": "accuracy", "corpus": "languages"}
                    rows.append(row(about, f"{language}, {voice}, {k} clips a word", same, *ends))
    return rows


# ---------------------------------------------------------------- blocks at equal budget


def block(model: str, pair: str, seed: int) -> dict[str, Any]:
    """Train one of three networks without two speakers, and test it on them."""
    split = dict(folds.speaker_pairs(corpora.load_digits("fsdd")))[pair]
    builders = {
        "conformer": chapter().conformer_network,
        "CNN": lambda: models.digit_network(98, 40),
        "CNN and GRU": lambda: models.recurrent_network(98, 40),
    }
    keras.utils.clear_session()
    training.set_seed(seed)
    network = builders[model]()
    learn(network, split.train.select(split.train.takes < TAKES), seed, BLOCK_EPOCHS)
    test = split.test.select(split.test.takes < TAKES)
    right = label(network, network_input(test.waveforms)) == test.labels
    found = {str(who): int(right[test.speakers == who].sum()) for who in np.unique(test.speakers)}
    return {"right": found, "clips": len(test) // len(found), "parameters": network.count_params()}


def measure_blocks() -> list[dict[str, Any]]:
    """Rows: accuracy of three networks on FSDD's speakers, held out in pairs."""
    pairs = [pair for pair, _ in folds.speaker_pairs(corpora.load_digits("fsdd"))]
    names = ("conformer", "CNN", "CNN and GRU")
    jobs = [
        (name, pair, seed) for seed, pair in zip(BLOCK_SEEDS, pairs, strict=True) for name in names
    ]
    runs, rows = kept("blocks", jobs, block), []
    for name in names:
        same = [run for run in runs if run["job"][0] == name]
        right = np.array([n for run in same for n in run["right"].values()], float)
        clips = np.full(len(right), same[0]["clips"])
        ends = bootstrap_interval(right, clips)
        about = {"model": name, "metric": "accuracy", "corpus": "fsdd"}
        rows.append(
            row(about, "unknown speakers, in pairs", same, right.sum() / clips.sum(), *ends)
        )
    return rows
