"""What each remedy is worth in noise, in rooms, on the telephone (chapter 10).

Three trainings of everything, each with a seed of its own and another pair of FSDD's speakers
held out, who test it; nothing is chosen on them. The network is the reference network with half
of its filters, on half of the takes of the other four speakers, for a few epochs: small enough
to train it some forty times. The conditions, the noises to learn from and the attacks are the
chapter's own functions. Noises and rooms that test are made in another way than those that
teach. Intervals draw the speakers again, or the synthetic voices. The last row is the shipped
network on one real voice.

Every finished training is kept in build/robustness-runs.json, under the hash of all this.
"""

from __future__ import annotations

import csv
import hashlib
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from functools import cache, partial
from typing import Any

from course_utils import corpora, models, training
from course_utils.augmentation import AUGMENTATION, NO_AUGMENTATION, Augmentation, spectra_of
from course_utils.corpora import Corpus, Split
from course_utils.features import COURSE_FRONT_END, network_input
from course_utils.metrics import bootstrap_interval, proportion
from course_utils.paths import DATA_FOLDER, ROOT
from data.recipes import fingerprint, optimizer, recordings, stored_network
from tests.benchmarks import baselines, compression, folds
from tests.benchmarks.rows import read, write

import keras
import numpy as np
import soundfile

CHAPTER = "10_robust_and_fair"
TAKEN = (
    "CONDITIONS", "ManyPlaces", "TrainedAgainst", "changed", "fast", "in_room", "iterated",
    "places_of", "room_response", "subtract_noise", "with_noise",
)  # fmt: skip
RUNS_FILE = ROOT / "build" / "robustness-runs.json"
SPLIT = "unknown speakers, in pairs"
SEEDS = (0, 1, 2)  # each with the next pair of `folds.speaker_pairs`
TAKES, TEST_TAKES, CURVE_TAKES = 20, 20, 4
FILTERS = (12, 16, 24, 30, 40)
EPOCHS, FINE_TUNING, RATE = 16, 4, 3e-3
NOISE_DB, SECONDS = (30, 20, 10, 5, 0, -5), (0.2, 0.5, 1.0)
ATTACK = 0.1
ZEROS, DECAY, DROPOUT = 0.5, 1e-3, 0.3
KINDS = {
    "noises": corpora.NOISES,
    "rooms": ("room", "distance"),
    "channels": ("telephone", "clipping", "microphone"),
}
AUGMENTATIONS = {
    "SpecAugment": replace(NO_AUGMENTATION, masks=AUGMENTATION.masks),
    "speed": replace(NO_AUGMENTATION, tempo=AUGMENTATION.tempo),
    "vocal tract": replace(NO_AUGMENTATION, vtlp=AUGMENTATION.vtlp),
}
REMEDIES = (
    "none", "noise and rooms", *AUGMENTATIONS, "L2", "dropout", "adversarial training", "pruning",
    "noise removal", "chapter 05", "chapter 05, noise and rooms",
)  # fmt: skip
RECOGNISERS = ("SVM", "GMM-HMM", "recurrent_network")

Run = dict[str, Any]
Right = dict[str, dict[str, int]]  # condition, voice: clips recognised


chapter = partial(baselines.functions, CHAPTER, TAKEN)  # what the reader sees is measured


def setup() -> Any:
    """What the numbers depend on."""
    code = baselines.code(CHAPTER, TAKEN)
    how = SEEDS, TAKES, TEST_TAKES, CURVE_TAKES, FILTERS, EPOCHS, FINE_TUNING, NOISE_DB, SECONDS
    strengths = ATTACK, ZEROS, DECAY, DROPOUT, folds.PAIRS
    learned = [asdict(AUGMENTATION), {k: asdict(v) for k, v in AUGMENTATIONS.items()}]
    rates, sounds = optimizer(RATE), recordings(["fsdd", "embedded", "noise"])
    return code, how, strengths, learned, rates, COURSE_FRONT_END, sounds


# ---------------------------------------------------------------- what is tested


def counted(corpus: Corpus, labels: np.ndarray) -> dict[str, int]:
    """How many clips of each voice are recognised."""
    correct = labels == corpus.labels
    who = corpus.speakers
    return {str(voice): int(correct[who == voice].sum()) for voice in np.unique(who)}


def under(corpus: Corpus, condition: Callable) -> Corpus:
    """Return the clips under a condition of the chapter."""
    return replace(corpus, waveforms=tuple(chapter().changed(corpus.waveforms, condition)))


@cache
def degrees() -> dict[str, Callable]:
    """Each noise at each level, and rooms that ring shorter and longer."""
    here = chapter()
    found = {
        f"{kind} {level} dB": partial(here.with_noise, kind=kind, snr_db=level)
        for kind in corpora.NOISES
        for level in NOISE_DB
    }
    for seconds in SECONDS:
        response = here.room_response(seconds)
        found[f"RT60 {seconds:.1f} s"] = lambda w, rng, r=response: here.in_room(w, r)
    return found


class Bench:
    """One pair of speakers held out: who teaches, and what tests, computed once."""

    def __init__(self, split: Split, seed: int):
        self.seed, train, test = seed, split.train, split.test
        self.train = train.select(train.takes < TAKES)
        self.test = test.select(test.takes < TEST_TAKES)
        self.few = test.select(test.takes < CURVE_TAKES)
        self.voices = corpora.load_digits("embedded")
        self.sounds = {"clean": self.test} | {
            name: under(self.test, condition) for name, condition in chapter().CONDITIONS.items()
        }
        self.curve = {name: under(self.few, condition) for name, condition in degrees().items()}
        self.inputs = {name: network_input(c.waveforms) for name, c in self.sounds.items()}
        self.curve_inputs = {name: network_input(c.waveforms) for name, c in self.curve.items()}
        self.voice_inputs = network_input(self.voices.waveforms)
        self.plain: tuple[keras.Model, float] | None = None

    def spectra(self):
        """Spectra of the clips that teach."""
        return spectra_of(self.train)

    def test_with(self, predict: Callable[[str], np.ndarray]) -> Right:
        """Count what is recognised in each condition."""
        return {name: counted(self.test, predict(name)) for name in self.sounds}


def label(network: keras.Model, inputs: np.ndarray) -> np.ndarray:
    """Most probable class of each clip."""
    return training.predict(network, inputs).argmax(axis=1)


@cache
def sex_of() -> dict[str, str]:
    """Sex of each synthetic voice."""
    with open(DATA_FOLDER / "embedded" / "voices.csv", newline="", encoding="utf-8") as file:
        return {row["voice"]: row["sex"] for row in csv.DictReader(file)}


# ---------------------------------------------------------------- what is trained


def fresh(seed: int, dropout: float = 0.0) -> keras.Model:
    """Return the untrained network."""
    training.set_seed(seed)
    return models.digit_network(98, 40, filters=FILTERS, dropout=dropout)


def learn(network: keras.Model, clips, seed: int, epochs: int = EPOCHS, **how) -> float:
    """Train a network; return the processor seconds it took."""
    training.set_seed(seed)
    start = time.process_time()
    training.train(network, clips, epochs, RATE, metrics=(), progress=False, **how)
    return time.process_time() - start


def clips_for(bench: Bench, remedy: str) -> tuple[Any, float]:
    """What a remedy learns from, and the seconds that it took to prepare it."""
    here, seed = chapter(), bench.seed
    how: Augmentation = AUGMENTATIONS.get(remedy, NO_AUGMENTATION)
    extra = None
    if remedy.startswith("chapter 05"):
        how, extra = AUGMENTATION, spectra_of(bench.voices)
    start = time.process_time()
    if remedy.endswith("noise and rooms"):
        places = here.places_of(bench.train, seed)
        clips = here.ManyPlaces(places, seed, augmentation=how, extra=extra)
    else:
        clips = training.AugmentedClips(bench.spectra(), seed, extra, how)
    return clips, time.process_time() - start


def run_remedy(bench: Bench, remedy: str) -> Run:
    """Train by a remedy and test it in all conditions."""
    here, seed = chapter(), bench.seed
    after = remedy in ("pruning", "noise removal") and bench.plain is not None
    clips, seconds = clips_for(bench, "none" if after else remedy)
    dropout = {"dropout": DROPOUT}.get(remedy, 0.2 if remedy.startswith("chapter 05") else 0.0)
    network = fresh(seed, dropout)
    if remedy == "L2":
        for layer in network.layers:
            if hasattr(layer, "kernel"):
                layer.kernel.regularizer = keras.regularizers.L2(DECAY)
    if remedy == "adversarial training":
        here.TrainedAgainst.size = ATTACK
        network = here.TrainedAgainst(network.inputs, network.outputs)
    if after:
        network, seconds = bench.plain
    else:
        seconds += learn(network, clips, seed)
    if remedy == "none":
        bench.plain = network, seconds
    if remedy == "pruning":
        network = compression.chapter().prune(network, ZEROS)
        seconds += learn(network, clips, seed, FINE_TUNING)

    def predict(name: str) -> np.ndarray:
        if remedy == "noise removal":
            return label(network, here.subtract_noise(bench.sounds[name].waveforms))
        return label(network, bench.inputs[name])

    found = {"right": bench.test_with(predict), "seconds": seconds}
    found["parameters"] = network.count_params()
    if remedy != "noise removal" and not remedy.startswith("chapter 05"):
        found["voices"] = counted(bench.voices, label(network, bench.voice_inputs))
    if remedy.startswith("chapter 05") or remedy == "none":
        found["curve"] = {
            name: counted(bench.few, label(network, inputs))
            for name, inputs in bench.curve_inputs.items()
        }
    if remedy in ("none", "adversarial training", "noise and rooms"):
        inputs, labels = bench.inputs["clean"][:300], bench.test.labels[:300]
        for name, attack in (("fast", here.fast), ("iterated", here.iterated)):
            answers = label(network, attack(network, inputs, labels, ATTACK))
            found[name] = int((answers == labels).sum())
    return found


def run_recogniser(bench: Bench, name: str) -> Run:
    """Train a recogniser of chapter 04 or 06 on the same clips, and test it."""
    start = time.process_time()
    if name == "recurrent_network":
        training.set_seed(bench.seed)
        network = models.recurrent_network(98, 40)
        extra = spectra_of(bench.voices)
        learn(network, training.AugmentedClips(bench.spectra(), bench.seed, extra), bench.seed)
        parameters = network.count_params()
        seconds = time.process_time() - start
        right = bench.test_with(lambda condition: label(network, bench.inputs[condition]))
        answers = {degree: label(network, x) for degree, x in bench.curve_inputs.items()}
    else:
        found = baselines.fit(f"{baselines.CHAPTER}, {name}", bench.train)
        seconds, parameters = time.process_time() - start, found.parameters
        right = bench.test_with(lambda condition: found.predict(bench.sounds[condition]))
        answers = {degree: found.predict(clips) for degree, clips in bench.curve.items()}
    curve = {degree: counted(bench.few, heard) for degree, heard in answers.items()}
    return {"right": right, "curve": curve, "seconds": seconds, "parameters": parameters}


# ---------------------------------------------------------------- all of them, as rows


def measure() -> list[dict[str, Any]]:
    """Train everything three times, or take what was kept, and make rows of it."""
    made_by = fingerprint(setup())
    runs = [run for run in read(RUNS_FILE) if run["recipe_hash"] == made_by]
    done = {(run["kind"], run["name"], run["seed"]) for run in runs}
    pairs = folds.speaker_pairs(corpora.load_digits("fsdd"))
    jobs = [("remedy", name, run_remedy) for name in REMEDIES]
    jobs += [("recogniser", name, run_recogniser) for name in RECOGNISERS]
    for seed, (pair, split) in zip(SEEDS, pairs, strict=True):
        todo = [job for job in jobs if (job[0], job[1], seed) not in done]
        bench = Bench(split, seed) if todo else None
        for kind, name, run in todo:
            about = {"recipe_hash": made_by, "kind": kind, "name": name, "seed": seed}
            runs.append({**about, "pair": pair, **run(bench, name)})
            write(RUNS_FILE, runs)
            print(f"robustness: {name}, {pair}: {runs[-1]['seconds']:.0f} s", flush=True)
    return rows_of(runs)


def real_voice_setup() -> Any:
    """What the numbers of the real voice depend on."""
    words = hashlib.sha256((DATA_FOLDER / "real" / "words.flac").read_bytes()).hexdigest()
    return stored_network("digit_network"), words, COURSE_FRONT_END


def real_clips(column: str) -> tuple[list[str], list[np.ndarray]]:
    """What one real woman says, and how it sounds: her rows with an entry in `column`."""
    folder = DATA_FOLDER / "real"
    with open(folder / "index.csv", newline="", encoding="utf-8") as file:
        entries = [entry for entry in csv.DictReader(file) if entry[column]]
    sound = soundfile.read(folder / "words.flac", dtype="float32")[0]
    starts = [int(entry["start_sample"]) for entry in entries]
    clips = [sound[s : s + int(e["n_samples"])] for s, e in zip(starts, entries, strict=True)]
    return [entry[column] for entry in entries], clips


def measure_real_voice() -> list[dict[str, Any]]:
    """How many of one real woman's ten digits the shipped network recognises."""
    said, clips = real_clips("digit")
    network = models.load_trained("digit_network")
    answers = label(network, network_input(clips))
    right = int((answers == [int(digit) for digit in said]).sum())
    value, low, high = proportion(right, len(clips))
    return [
        {
            **{"model": "digit_network", "metric": "accuracy", "value": value, "unit": "fraction"},
            **{
                "low": round(low, 5),
                "high": round(high, 5),
                "corpus": "real",
                "split": "one woman",
            },
            "parameters": network.count_params(),
        }
    ]


def share(parts: Sequence[dict[str, int]], each: int) -> tuple[float, float, float]:
    """Share of clips recognised, from the counts of each voice, and the ends of its interval."""
    right = np.array([n for part in parts for n in part.values()], float)
    return right.sum() / (each * len(right)), *bootstrap_interval(right, np.full(len(right), each))


def mean_of_each(counts: list[dict[str, int]]) -> dict[str, float]:
    """Mean of each voice over several counts."""
    return {who: float(np.mean([count[who] for count in counts])) for who in counts[0]}


def rows_of(runs: list[Run]) -> list[dict[str, Any]]:
    """Make rows: accuracies with intervals over speakers or voices, and gains against none."""
    rows: list[dict[str, Any]] = []

    def note(same: list[Run], metric: str, split: str, values, unit: str = "fraction", **more):
        value, low, high = (None if v is None else round(float(v), 5) for v in values)
        rows.append(
            {
                **{"model": same[0]["name"], "metric": metric, "value": value, "unit": unit},
                **{"low": low, "high": high, "split": split, "corpus": "fsdd"},
                "seeds": sorted(run["seed"] for run in same),
                "parameters": same[0]["parameters"],
                "train_cpu_seconds": round(float(np.mean([run["seconds"] for run in same])), 1),
                **more,
            }
        )

    def each_voice(run: Run, names: Sequence[str]) -> dict[str, float]:
        """Mean over some conditions of the share of each voice's clips."""
        return mean_of_each([run["right"][name] for name in names])

    n_clips, n_few = 10 * TEST_TAKES, 10 * CURVE_TAKES
    ten = [name for kind in KINDS.values() for name in kind]
    named = {
        (kind, name): [run for run in runs if (run["kind"], run["name"]) == (kind, name)]
        for kind, name in dict.fromkeys((run["kind"], run["name"]) for run in runs)
    }
    for (kind, name), same in named.items():
        if "right" in same[0]:
            parts = {"clean": ["clean"], "ten conditions": ten, **KINDS}
            for part, names in parts.items():
                found = [each_voice(run, names) for run in same]
                note(same, "accuracy", f"{SPLIT}, {part}", share(found, n_clips))
                plain = named.get(("remedy", "none"))
                if kind == "remedy" and name != "none" and plain and part in list(parts)[:2]:
                    base = {run["seed"]: each_voice(run, names) for run in plain}
                    gains = (
                        100
                        / n_clips
                        * np.array(
                            [
                                each[who] - base[run["seed"]][who]
                                for run, each in zip(same, found, strict=True)
                                for who in each
                            ]
                        )
                    )
                    again = np.random.default_rng(0).integers(len(gains), size=(2000, len(gains)))
                    ends = np.percentile(gains[again].mean(axis=1), [2.5, 97.5])
                    values = gains.mean(), *ends
                    note(same, "points gained against none", f"{SPLIT}, {part}", values, "points")
        if "curve" in same[0]:
            for condition in ten:
                found = [each_voice(run, [condition]) for run in same]
                note(same, "accuracy", f"{SPLIT}, {condition}", share(found, n_clips))
            for level in NOISE_DB:
                noisy = [f"{kind} {level} dB" for kind in corpora.NOISES]
                found = [mean_of_each([run["curve"][name] for name in noisy]) for run in same]
                note(same, "accuracy", f"{SPLIT}, noises at {level} dB", share(found, n_few))
            for seconds in SECONDS:
                found = [run["curve"][f"RT60 {seconds:.1f} s"] for run in same]
                note(same, "accuracy", f"{SPLIT}, RT60 {seconds:.1f} s", share(found, n_few))
        for attack in ("fast", "iterated"):
            if attack in same[0]:
                value = sum(run[attack] for run in same) / (300 * len(same))
                each = [run[attack] / 300 for run in same]
                values = value, min(each), max(each)
                note(same, "accuracy", f"{SPLIT}, {attack} attack", values)
        if "voices" in same[0]:
            voices = {
                who: float(np.mean([run["voices"][who] for run in same]))
                for who in same[0]["voices"]
            }
            for group in ("female", "male"):
                part = {who: n for who, n in voices.items() if sex_of()[who] == group}
                note(same, "accuracy", f"synthetic voices, {group}", share([part], 80))
    return rows
