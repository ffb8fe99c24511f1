"""Train by a recipe, test, and keep what came of it: the runs that `accuracy` makes rows of."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from functools import cache, partial
from typing import Any, NamedTuple

from course_utils import connected_digits, corpora, ctc, features, training
from course_utils.connected_digits import ConnectedDigits
from course_utils.corpora import Corpus, Split
from course_utils.setup import cluster
from data.recipes import Recipe, train_recipe
from tests.benchmarks import baselines
from tests.benchmarks.accuracy import Run, rows_of, times_of
from tests.benchmarks.plans import ALL_RECIPES, N_STRINGS, STRING_SEED, WORDS, Plan
from tests.benchmarks.rows import RESULTS_FILE, RUNS_FILE, Row, put, read, save, write

import jiwer
import keras
import numpy as np
from threadpoolctl import threadpool_limits
from tqdm import tqdm


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


class Job(NamedTuple):
    """One training, as it travels to another process, or to another machine."""

    plan: Plan
    part: str  # of the plan's folds
    seed: int
    timed: bool
    recipe_hash: str  # computed before any training: one that sets a seed changes some layers


class Progress:
    """What is kept of one plan: the runs that are there, and those that are still to be made."""

    def __init__(self, plan: Plan, seeds: Sequence[int], resume: bool):
        self.plan, recipe_hash = plan, plan.hash()
        runs = [run for run in read(RUNS_FILE) if plan.owns(run)] if resume else []
        self.runs = [run for run in runs if run["recipe_hash"] == recipe_hash]
        self.parts = list(parts_of(plan))
        done = {(run["seed"], run["part"]) for run in self.runs}
        self.todo = [
            Job(plan, part, seed, plan.timed and seed == seeds[0], recipe_hash)
            for seed in (seeds if plan.every_seed else seeds[:1])
            for part in self.parts
            if (seed, part) not in done
        ]
        self.missing = len(self.todo)

    def add(self, run: Run) -> None:
        """Keep a run as soon as it is done."""
        self.missing -= 1
        self.runs.append(run)
        write(RUNS_FILE, put(read(RUNS_FILE), self.runs, self.plan.owns))
        self.save(store=False)
        show(self.plan, run)

    def save(self, store: bool) -> None:
        """Make rows of the runs that are there."""
        # as if one machine had made them in turn: the same rows, to the last digit
        self.runs.sort(key=lambda run: (run["seed"], self.parts.index(run["part"])))
        save(rows_of(self.plan, self.runs, runs_against(self.plan)), self.plan.owns, store)


def measure(plans: Sequence[Plan], seeds: Sequence[int], store: bool, resume: bool, **how) -> None:
    """Make the runs of some plans, and keep them and their rows; `resume` makes those that lack.

    Every training is kept as soon as it is done; the stored rows of a plan are changed when all
    of its own are. How the jobs are shared out: see `course_utils.setup.cluster.each`.
    """
    progress = [Progress(plan, seeds, resume) for plan in plans]
    jobs = [(one, job) for one in progress for job in one.todo]
    for one in progress:
        if not one.missing:
            one.save(store)
    for position, run in cluster.each(make_run, [job for _, job in jobs], **how):
        one = jobs[position][0]
        one.add(run)
        if not one.missing:
            for other in progress:
                if not other.missing and (other is one or other.plan.against == one.plan.model):
                    other.save(store)


def parts_of(plan: Plan) -> dict[str, Split]:
    """Return the folds of a plan, by name."""
    corpus = voices() if plan.corpus == "embedded" else corpora.load_digits(plan.corpus)
    return dict(plan.folds(corpus))


def make_run(job: Job) -> Run:
    """Train and test once, wherever this process runs."""
    parts = parts_of(job.plan)
    run = run_once(job.plan, parts[job.part], job.seed, job.timed)
    about = {"recipe_hash": job.recipe_hash, "part": job.part, "parts": len(parts)}
    return {**run, **about}


def runs_against(plan: Plan) -> list[Run]:
    """Return the kept runs of the model that a plan is compared with."""
    wanted = plan.group, plan.against, plan.split
    return [r for r in read(RUNS_FILE) if (r["group"], r["model"], r["split"]) == wanted]


def run_once(plan: Plan, split: Split, seed: int, timed: bool) -> Run:
    """Train and test once."""
    with threadpool_limits(limits=threads(plan)):
        trained, times = learn_in_time(plan, split.train, seed)
        found = trained.test(split.test)
        best = min(seconds(trained.test, split.test) for _ in range(3)) if timed else None
    return {
        "group": plan.group,
        "model": plan.model,
        "recipe": plan.recipe,
        "split": plan.split,
        "seed": seed,
        **found,
        "parameters": trained.parameters,
        **times,
        "milliseconds": 1000 * best / len(split.test) if best else None,
    }


def threads(plan: Plan) -> int | None:
    """How many threads a plan learns and tests with: the recognisers of chapter 04 with one."""
    return None if plan.recipe in ALL_RECIPES else 1


def learn_in_time(plan: Plan, train: Corpus, seed: int) -> tuple[Trained, dict[str, float]]:
    """Train, and return also how long that took: by the clock, and of each core."""
    wall, cpu = time.perf_counter(), time.process_time()
    trained = learn(plan.recipe, train, seed)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    return trained, {"train_seconds": wall, "train_cpu_seconds": cpu / (threads(plan) or 2)}


def time_again(plan: Plan, seed: int, store: bool) -> None:
    """Train each part of a plan once more for the time alone; its other numbers stay."""
    runs = []
    for part, split in parts_of(plan).items():
        with threadpool_limits(limits=threads(plan)):
            _, times = learn_in_time(plan, split.train, seed)
        runs.append({"part": part, **times})
        tqdm.write(f"{plan}, {part}: {times['train_seconds']:.1f} s")
    owned = [entry for entry in read(RESULTS_FILE) if plan.owns(entry)]
    save([with_times(entry, plan, runs) for entry in owned], plan.owns, store)


def with_times(entry: Row, plan: Plan, runs: list[Run]) -> Row:
    """Return a row of a plan with the times of other runs, if it has times."""
    same = [run for run in runs if entry["split"] in (plan.split, f"unknown:{run['part']}")]
    return {**entry, **times_of(same)} if entry["train_seconds"] else entry


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
    tqdm.write(
        f"{plan.group}: {plan.model}, {run['part']}, seed {run['seed']}: {result}, trained in "
        f"{run['train_seconds']:.1f} s ({run['train_cpu_seconds']:.1f} s of each core)"
    )
