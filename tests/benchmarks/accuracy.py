"""Rows of accuracy, made of the runs of a plan.

A row is the mean over `seeds`. Its interval is Wilson's over the test clips, each counted once
however many seeds there are: seeds are not further clips. Intervals of strings draw again what
was drawn once: the clips that the strings are composed of or, where several speakers were held
out, the speakers; the errors of all seeds are added up first. `train_seconds` is the wall time
from waveforms to a trained model, the shortest of the trainings: what else the machine did can
only lengthen it. `train_cpu_seconds` is the processor time of the same, their mean, divided
by the cores that share the work.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from course_utils import metrics
from tests.benchmarks.plans import MEAN_OF_SIX, Plan
from tests.benchmarks.rows import Row, row

import numpy as np

Run = dict[str, Any]


def rows_of(plan: Plan, runs: list[Run], against: Sequence[Run] = ()) -> list[Row]:
    """Make rows of a plan's runs: for each speaker, for the split, and for the time of a clip.

    Where runs of another model read the same strings, also a row of the difference.
    """
    rows = []
    if plan.split == MEAN_OF_SIX:
        for part in dict.fromkeys(run["part"] for run in runs):
            same = [run for run in runs if run["part"] == part]
            rows += rows_of_split(plan, f"unknown:{part}", same)
    count = [run["seed"] for run in runs]
    whole = [run for run in runs if count.count(run["seed"]) == run["parts"]]  # all parts, that is
    if whole:
        rows += rows_of_split(plan, plan.split, whole)
    seeds = {run["seed"] for run in whole} & {run["seed"] for run in against}
    if seeds:
        same = [[run for run in part if run["seed"] in seeds] for part in (whole, against)]
        found = zip(("value", "low", "high"), difference(*same), strict=True)
        rows.append(
            row(
                **common(plan, plan.split, same[0]),
                **{"metric": f"wer, more than {plan.against}", "unit": "fraction"},
                **{name: round(float(end), 5) for name, end in found},
            )
        )
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
        **times_of(runs),
        "recipe": plan.recipe,
        "recipe_hash": runs[0]["recipe_hash"],
        "group": plan.group,
    }


def times_of(runs: list[Run]) -> Row:
    """Return how long a training takes: the shortest by the clock, and the mean of each core."""
    return {
        "train_seconds": round(min(run["train_seconds"] for run in runs), 1),
        "train_cpu_seconds": round(np.mean([run["train_cpu_seconds"] for run in runs]), 1),
    }


def rows_of_split(plan: Plan, split: str, runs: list[Run]) -> list[Row]:
    """Make the rows of one test set."""
    shares = string_shares(runs) if "long" in runs[0] else clip_shares(runs)
    return [
        row(
            **common(plan, split, runs),
            **{"metric": metric, "unit": "fraction"},
            **{
                name: None if end is None else round(float(end), 5)
                for name, end in zip(("value", "low", "high"), found)
            },
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
    """Word error rate and shares of whole strings, with the ends of their intervals.

    With several seeds also the word error rate of each, without an interval.
    """
    seeds = sorted({run["seed"] for run in runs})
    words, strings, three = Tally(), Tally(), Tally()
    several = len({run["part"] for run in runs}) > 1
    for run in runs:
        for kind, tallies in (("long", (words, strings)), ("three", (three,))):
            for errors, clips in zip(run[kind]["errors"], run[kind]["clips"], strict=True):
                units = [run["part"]] * len(clips) if several else clips
                n_words, n_errors = len(clips), max(1, sum(errors))
                for unit, error in zip(units, errors, strict=True):
                    if tallies[0] is words:
                        words.add(unit, error, 1)
                    tallies[-1].add(unit, error / n_errors, 1 / n_words)
    found = {"wer": words.share()}
    for metric, tally in (("exact strings", strings), ("exact strings of three digits", three)):
        value, low, high = tally.share()
        found[metric] = (1 - value, 1 - high, 1 - low)
    for seed in seeds if len(seeds) > 1 else ():
        errors = [e for r in runs if r["seed"] == seed for e in r["long"]["errors"]]
        found[f"wer, seed {seed}"] = (float(np.concatenate(errors).mean()), None, None)
    return found


def difference(runs: list[Run], against: list[Run]) -> tuple[float, float, float]:
    """By how much the word error rate is above that of another model, on the same strings."""
    tally = Tally()
    for sign, part in ((1, runs), (-1, against)):
        for run in part:
            for errors, clips in zip(run["long"]["errors"], run["long"]["clips"], strict=True):
                for unit, error in zip(clips, errors, strict=True):
                    tally.add(unit, sign * error, 0.5)  # a word is counted twice
    return tally.share()


class Tally:
    """What each unit, a clip or a speaker, has of all errors, and of all words or strings.

    A string that was read wrong is shared out to its words by their errors, so that clips which
    are in many strings can be drawn again as what they are: the things that were drawn once.
    """

    def __init__(self):
        self.units: dict[str, list[float]] = {}

    def add(self, unit: str, part: float, whole: float) -> None:
        """Count a word."""
        counts = self.units.setdefault(unit, [0.0, 0.0])
        counts[0] += part
        counts[1] += whole

    def share(self) -> tuple[float, float, float]:
        """Share of all, with the ends of the interval that drawing the units again gives."""
        part, whole = np.array(list(self.units.values())).T
        return (part.sum() / whole.sum(), *metrics.bootstrap_interval(part, whole))
