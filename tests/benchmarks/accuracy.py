"""Rows of accuracy, made of the runs of a plan.

A row is the mean over `seeds`. Its interval is Wilson's over the test clips, each counted once
however many seeds there are: seeds are not further clips. Intervals of strings are bootstraps
over strings, each string's errors averaged over the seeds. `train_seconds` is the wall time
from waveforms to a trained model, the shortest of the trainings: what else the machine did can
only lengthen it. `train_cpu_seconds` is the processor time of the same, their mean, divided
by the cores that share the work.
"""

from __future__ import annotations

from typing import Any

from course_utils import metrics
from tests.benchmarks.plans import MEAN_OF_SIX, Plan
from tests.benchmarks.rows import Row, row

import numpy as np

Run = dict[str, Any]
STRING_METRICS = ("wer", "exact strings", "exact strings of three digits")


def rows_of(plan: Plan, runs: list[Run]) -> list[Row]:
    """Make rows of a plan's runs: for each speaker, for the split, and for the time of a clip."""
    rows = []
    if plan.split == MEAN_OF_SIX:
        for part in dict.fromkeys(run["part"] for run in runs):
            same = [run for run in runs if run["part"] == part]
            rows += rows_of_split(plan, f"unknown:{part}", same)
    count = [run["seed"] for run in runs]
    whole = [run for run in runs if count.count(run["seed"]) == run["parts"]]  # all parts, that is
    if whole:
        rows += rows_of_split(plan, plan.split, whole)
    for run in runs:
        if run["milliseconds"]:
            about = common(plan, plan.split, [run])
            about = {**about, **dict.fromkeys(("seeds", "train_seconds", "train_cpu_seconds"))}
            value = round(run["milliseconds"], 4)
            rows.append(row(**about, metric="time a clip", value=value, unit="ms"))
            break
    return rows


def common(plan: Plan, split: str, runs: list[Run]) -> Row:
    """Fields that all rows of the same runs share."""
    tasks = {"strings": "strings", "ablation": "ablation"}
    return {
        "task": tasks.get(plan.group, "digits"),
        "model": plan.model,
        "corpus": plan.corpus,
        "split": split,
        "seeds": sorted({run["seed"] for run in runs}),
        "parameters": round(np.mean([run["parameters"] for run in runs])),
        "train_seconds": round(min(run["train_seconds"] for run in runs), 1),
        "train_cpu_seconds": round(np.mean([run["train_cpu_seconds"] for run in runs]), 1),
        "recipe": plan.recipe,
        "recipe_hash": runs[0]["recipe_hash"],
        "group": plan.group,
    }


def rows_of_split(plan: Plan, split: str, runs: list[Run]) -> list[Row]:
    """Make the rows of one test set."""
    shares = string_shares(runs) if "long" in runs[0] else clip_shares(runs)
    return [
        row(
            **common(plan, split, runs),
            **{"metric": metric, "unit": "fraction"},
            **{name: round(float(end), 5) for name, end in zip(("value", "low", "high"), found)},
        )
        for metric, found in shares.items()
    ]


def clip_shares(runs: list[Run]) -> dict[str, tuple[float, float, float]]:
    """Accuracy over the clips, each counted once, with the ends of its interval."""
    n_seeds = len({run["seed"] for run in runs})
    clips = sum(run["clips"] for run in runs) // n_seeds
    correct = sum(run["correct"] for run in runs) / n_seeds
    return {"accuracy": (correct / clips, *metrics.proportion(round(correct), clips)[1:])}


def string_shares(runs: list[Run]) -> dict[str, tuple[float, float, float]]:
    """Word error rate and shares of whole strings, with the ends of their intervals."""
    by_seed = [[run for run in runs if run["seed"] == seed] for seed in {r["seed"] for r in runs}]

    def collect(kind: str, what: str) -> np.ndarray:
        """(seeds, strings) of all parts."""
        return np.array([np.concatenate([run[kind][what] for run in same]) for same in by_seed])

    edits, three = collect("long", "edits"), collect("three", "edits")
    one_each = np.ones(edits.shape[1])
    parts = (edits.mean(axis=0), (edits == 0).mean(axis=0), (three == 0).mean(axis=0))
    wholes = (collect("long", "words")[0], one_each, one_each)
    return {
        metric: (part.sum() / whole.sum(), *metrics.bootstrap_interval(part, whole))
        for metric, part, whole in zip(STRING_METRICS, parts, wholes, strict=True)
    }
