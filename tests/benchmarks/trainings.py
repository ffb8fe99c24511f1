"""Train by a recipe, test, and keep what came of it: the runs that `accuracy` makes rows of."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from functools import cache, partial
from typing import Any, NamedTuple

from course_utils import connected_digits, corpora, ctc, features, training
from course_utils.connected_digits import ConnectedDigits
from course_utils.corpora import Corpus, Split
from data.recipes import Recipe, train_recipe
from tests.benchmarks import baselines
from tests.benchmarks.accuracy import Run, rows_of
from tests.benchmarks.plans import ALL_RECIPES, N_STRINGS, STRING_SEED, WORDS, Plan
from tests.benchmarks.rows import RUNS_FILE, put, read, save, write

import jiwer
import keras
import numpy as np
from threadpoolctl import threadpool_limits


class Trained(NamedTuple):
    """A recogniser: what a run keeps of a test with a corpus, and how many numbers it holds."""

    test: Callable[[Corpus], dict[str, Any]]
    parameters: int


@cache
def voices() -> Corpus:
    """Load the synthetic voices once."""
    return corpora.load_digits("embedded")


def learn(recipe: str, train: Corpus, seed: int) -> Trained:
    """Train by a recipe."""
    if recipe not in ALL_RECIPES:
        found = baselines.fit(recipe, train)
        return Trained(partial(count_right, found.predict), found.parameters)
    keras.utils.clear_session()
    how = ALL_RECIPES[recipe]
    model = train_recipe(how, train, voices() if how.voices else None, seed)
    if how.longest is None:
        test = partial(count_right, partial(label_clips, model, how))
    else:
        test = partial(read_strings, partial(decode, model, how.idea.reader(model, train)))
    return Trained(test, model.count_params())


def label_clips(model: keras.Model, recipe: Recipe, test: Corpus) -> np.ndarray:
    """Most probable digit of each clip."""
    inputs = features.network_input(test.waveforms, recipe.front_end)
    return training.predict(model, inputs).argmax(axis=-1)


def count_right(predict: Callable[[Corpus], np.ndarray], test: Corpus) -> dict[str, Any]:
    """How many clips are recognised."""
    return {"correct": int((predict(test) == test.labels).sum()), "clips": len(test)}


def decode(
    model: keras.Model, read: Callable[..., np.ndarray], waveforms: Sequence[np.ndarray]
) -> list[np.ndarray]:
    """Read strings."""
    return [read(table) for table in ctc.log_posteriors(model, waveforms)]


def read_strings(read: Callable[..., list[np.ndarray]], test: Corpus) -> dict[str, Any]:
    """Errors at each word of some composed strings, and which clip said it."""
    found = {}
    for kind, (shortest, longest) in WORDS.items():
        said = connected_digits.compose(test, N_STRINGS, STRING_SEED, shortest, longest)
        pairs = zip(said.targets, read(said.waveforms), strict=True)
        found[kind] = {
            "errors": [errors_of_words(target, heard).tolist() for target, heard in pairs],
            "clips": clips_of(said),
        }
    return found


def errors_of_words(target: np.ndarray, heard: np.ndarray) -> np.ndarray:
    """Edits at each word of a string, by `jiwer`: an insertion counts for the word before it."""
    said, errors = " ".join(map(str, target)), np.zeros(len(target), int)
    (alignment,) = jiwer.process_words(said, " ".join(map(str, heard))).alignments
    for step in alignment:
        if step.type == "insert":
            errors[max(0, step.ref_start_idx - 1)] += step.hyp_end_idx - step.hyp_start_idx
        elif step.type != "equal":
            errors[step.ref_start_idx : step.ref_end_idx] += 1
    return errors


def clips_of(said: ConnectedDigits) -> list[list[str]]:
    """Which clip each word of composed strings is: its speaker, digit and length tell."""
    names = []
    for speaker, target, spans in zip(said.speakers, said.targets, said.spans, strict=True):
        samples = np.round(np.diff(spans, axis=1)[:, 0] * said.sample_rate).astype(int)
        names.append([f"{speaker} {d} {n}" for d, n in zip(target, samples, strict=True)])
    return names


# ---------------------------------------------------------------- runs


def measure(plan: Plan, seeds: Sequence[int], store: bool, resume: bool) -> None:
    """Make the runs of a plan, and keep them and their rows; `resume` makes those that lack.

    Every training is kept as soon as it is done; the stored rows are changed when all are.
    """
    recipe_hash = plan.hash()  # once a training has set a seed, layers that draw keep it
    runs = [run for run in read(RUNS_FILE) if plan.owns(run)] if resume else []
    runs = [run for run in runs if run["recipe_hash"] == recipe_hash]
    parts = plan.folds(voices() if plan.corpus == "embedded" else corpora.load_digits(plan.corpus))
    jobs = [(seed, part) for seed in (seeds if plan.every_seed else seeds[:1]) for part in parts]
    done = {(run["seed"], run["part"]) for run in runs}
    for seed, (part, split) in jobs:
        if (seed, part) not in done:
            timed = plan.timed and seed == seeds[0]
            run = run_once(plan, split, seed, timed)
            runs.append({**run, "part": part, "parts": len(parts)})
            write(RUNS_FILE, put(read(RUNS_FILE), runs, plan.owns))
            save(rows_of(plan, runs, runs_against(plan)), plan.owns, store=False)
            show(plan, runs[-1])
    save(rows_of(plan, runs, runs_against(plan)), plan.owns, store)


def runs_against(plan: Plan) -> list[Run]:
    """Return the kept runs of the model that a plan is compared with."""
    wanted = plan.group, plan.against, plan.split
    return [r for r in read(RUNS_FILE) if (r["group"], r["model"], r["split"]) == wanted]


def run_once(plan: Plan, split: Split, seed: int, timed: bool) -> Run:
    """Train and test once."""
    one_core = plan.recipe not in ALL_RECIPES  # chapter 04 works with one thread
    with threadpool_limits(limits=1 if one_core else None):
        wall, cpu = time.perf_counter(), time.process_time()
        trained = learn(plan.recipe, split.train, seed)
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        found = trained.test(split.test)
        best = min(seconds(trained.test, split.test) for _ in range(3)) if timed else None
    return {
        "group": plan.group,
        "model": plan.model,
        "recipe": plan.recipe,
        "recipe_hash": plan.hash(),
        "split": plan.split,
        "seed": seed,
        **found,
        "parameters": trained.parameters,
        "train_seconds": wall,
        "train_cpu_seconds": cpu / (1 if one_core else 2),
        "milliseconds": 1000 * best / len(split.test) if best else None,
    }


def seconds(call: Callable, *arguments: Any) -> float:
    """How long a call takes, by the clock."""
    start = time.perf_counter()
    call(*arguments)
    return time.perf_counter() - start


def show(plan: Plan, run: Run) -> None:
    """Say what came of a run."""
    if "long" in run:
        rate = np.concatenate(run["long"]["errors"]).mean()
        result = f"word error rate {rate:.2%}"
    else:
        result = f"{run['correct'] / run['clips']:.2%}"
    print(
        f"{plan.group}: {plan.model}, {run['part']}, seed {run['seed']}: {result}, trained in "
        f"{run['train_seconds']:.1f} s ({run['train_cpu_seconds']:.1f} s of each core)",
        flush=True,
    )
