"""How far the confidence is from the truth on new voices, and what one temperature repairs.

Three trainings by the recipe for new voices, each with a seed of its own and another pair of
FSDD's speakers held out. So each of the six voices is heard once by a network that has never
heard it. The temperature that it is tested at comes from nowhere, from clips of the voices that
taught the network (the takes that the official split keeps), from the other voice of the pair,
or from all five other voices, each as heard by the network that had not learned from it; never
from the voice that tests. The temperature and the calibration error are chapter 09's own
functions. A row is the mean of the six voices' errors, or the error of all their answers
together; its interval draws the voices again. The last rows are what chance alone leaves: the
error of answers that are right exactly as often as they say.

The logits of every finished training are kept in build/calibration-runs.json.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from course_utils import corpora
from course_utils.features import network_input
from course_utils.paths import ROOT
from data.recipes import RECIPES, fingerprint, recipe_hash, train_recipe
from tests.benchmarks import baselines, folds
from tests.benchmarks.rows import read, write

import keras
import numpy as np

CHAPTER = "09_evaluate_and_tune"
TAKEN = ("expected_calibration_error", "softmax", "temperature_for")
MODEL, RECIPE = "digit_network", "digit_network, 36 epochs, no vtlp"
RUNS_FILE = ROOT / "build" / "calibration-runs.json"
SEEDS = (0, 1, 2)  # each with the next pair of `folds.speaker_pairs`
DRAWS = 1000
CHOICES = ("none", "known voices", "one new voice", "five new voices")
METRIC = "expected calibration error"

Run = dict[str, Any]
Answers = tuple[np.ndarray, np.ndarray]  # probabilities (clips, digits), labels (clips,)
chapter = partial(baselines.functions, CHAPTER, TAKEN)  # what the reader sees is measured


def setup() -> Any:
    """What the numbers depend on."""
    recipe = recipe_hash(RECIPES[RECIPE], "fsdd")
    return recipe, baselines.code(CHAPTER, TAKEN), SEEDS, folds.PAIRS, DRAWS


def measure() -> list[dict[str, Any]]:
    """Train for each pair, or take what was kept, and make rows of it."""
    made_by = fingerprint(setup())
    runs = [run for run in read(RUNS_FILE) if run["recipe_hash"] == made_by]
    done = {run["seed"] for run in runs}
    pairs = folds.speaker_pairs(corpora.load_digits("fsdd"))
    for seed, (pair, split) in zip(SEEDS, pairs, strict=True):
        if seed not in done:
            runs.append({"recipe_hash": made_by, "pair": pair, "seed": seed, **train(split, seed)})
            write(RUNS_FILE, runs)
            print(f"calibration: {pair}, seed {seed}", flush=True)
    return rows_of(runs)


def train(split: corpora.Split, seed: int) -> Run:
    """Train by the recipe; keep the logits of the voices held out, and of clips of known ones."""
    keras.utils.clear_session()
    recipe, teach = RECIPES[RECIPE], corpora.official_split(split.train)
    network = train_recipe(recipe, teach.train, corpora.load_digits("embedded"), seed)
    found: Run = {"parameters": network.count_params()}
    for part, clips in (("known", teach.test), ("new", split.test)):
        inputs = network_input(clips.waveforms, recipe.front_end)
        logits = network.predict(inputs, batch_size=256, verbose=0)
        found[part] = {"logits": np.round(logits, 3).tolist(), "labels": clips.labels.tolist()}
    return {**found, "speakers": split.test.speakers.tolist()}


# ---------------------------------------------------------------- rows


def logits_of(runs: list[Run]) -> dict[str, Answers]:
    """Logits and labels of each new voice."""
    found = {}
    for run in runs:
        logits, labels = (np.array(run["new"][name]) for name in ("logits", "labels"))
        for who in np.unique(run["speakers"]):
            tests = np.array(run["speakers"]) == who
            found[str(who)] = logits[tests], labels[tests]
    return found


def temperatures(runs: list[Run], choice: str) -> dict[str, float]:
    """Return the temperature at which each new voice is tested."""
    voices, found = logits_of(runs), {}
    for run in runs:
        pair = [str(who) for who in np.unique(run["speakers"])]
        for who in pair:
            chosen_by = {
                "none": [],
                "known voices": [tuple(np.array(run["known"][k]) for k in ("logits", "labels"))],
                "one new voice": [voices[other] for other in pair if other != who],
                "five new voices": [voices[other] for other in voices if other != who],
            }[choice]
            joined = [np.concatenate(parts) for parts in zip(*chosen_by, strict=True)]
            found[who] = chapter().temperature_for(*joined) if joined else 1.0
    return found


def mean_of_each(voices: list[Answers]) -> float:
    """Mean of the errors of the single voices."""
    return float(np.mean([chapter().expected_calibration_error(*voice) for voice in voices]))


def together(voices: list[Answers]) -> float:
    """Error of the answers of all voices."""
    joined = [np.concatenate(parts) for parts in zip(*voices, strict=True)]
    return float(chapter().expected_calibration_error(*joined))


def mean_too_sure(voices: list[Answers]) -> float:
    """Mean confidence less the share that is right: positive for a recogniser that is too sure."""
    right = [probabilities.argmax(axis=1) == labels for probabilities, labels in voices]
    confidence = [probabilities.max(axis=1) for probabilities, _ in voices]
    return float(np.concatenate(confidence).mean() - np.concatenate(right).mean())


WAYS: dict[str, Callable[[list[Answers]], float]] = {
    "new voices, mean of six": mean_of_each,
    "new voices, together": together,
}


def rows_of(runs: list[Run]) -> list[dict[str, Any]]:
    """Make rows: the calibration error by what chose the temperature, and that of chance."""
    logits, rows = logits_of(runs), []

    def note(choice: str, metric: str, split: str, value: float, ends, unit: str | None):
        low, high = (None if end is None else round(float(end), 5) for end in ends)
        rows.append(
            {
                **{"model": f"{MODEL}, temperature: {choice}", "metric": metric, "unit": unit},
                **{"value": round(float(value), 5), "low": low, "high": high, "split": split},
                **{"corpus": "fsdd", "parameters": runs[0]["parameters"]},
                "seeds": sorted(run["seed"] for run in runs),
            }
        )

    for choice in CHOICES:
        t = temperatures(runs, choice)
        voices = [(chapter().softmax(z / t[who]), labels) for who, (z, labels) in logits.items()]
        for split, measured in WAYS.items():
            note(choice, METRIC, split, measured(voices), ends_of(voices, measured), "fraction")
            if choice == CHOICES[-1]:
                by_chance = [measured(as_sure_as_right(voices, draw)) for draw in range(100)]
                ends = np.percentile(by_chance, [2.5, 97.5])
                note(choice, f"{METRIC} by chance", split, np.mean(by_chance), ends, "fraction")
        sure = mean_too_sure(voices), *ends_of(voices, mean_too_sure)
        note(
            choice,
            "confidence less accuracy",
            "new voices, together",
            sure[0],
            sure[1:],
            "fraction",
        )
        ends = min(t.values()), max(t.values())
        note(
            choice, "temperature", "new voices, mean of six", np.mean(list(t.values())), ends, None
        )
    return rows


def ends_of(voices: list[Answers], measured: Callable[[list[Answers]], float]) -> np.ndarray:
    """Return the ends of the interval that drawing the voices again gives."""
    again = np.random.default_rng(0).integers(len(voices), size=(DRAWS, len(voices)))
    return np.percentile([measured([voices[i] for i in pick]) for pick in again], [2.5, 97.5])


def as_sure_as_right(voices: list[Answers], seed: int) -> list[Answers]:
    """Answers as sure as these, with labels drawn so that each is right as often as it says."""
    rng, drawn = np.random.default_rng(seed), []
    for probabilities, _ in voices:
        answers = probabilities.argmax(axis=1)
        right = rng.random(len(answers)) < probabilities.max(axis=1)
        drawn.append((probabilities, np.where(right, answers, (answers + 1) % 10)))
    return drawn
