"""Whether further voices close the gap between women and men (chapter 10).

The trainings are those of `robustness`: four of FSDD's speakers, all men, teach half of the
reference network, three times with another four and another seed. Here voices of a neural
synthesiser teach beside them: all 29, drawn as they come, or its 16 women alone, as many clips
of women as of men in each epoch. Tested are the 22 synthetic voices of the embedded corpus, made
by other engines. The gap is the mean of the men less that of the women; intervals draw the
voices again, women and men apart. What is compared comes from the kept runs of `robustness`.

Every finished training is kept in build/fairness-runs.json, under the hash of all this.
"""

from __future__ import annotations

from typing import Any

from course_utils import corpora, training
from course_utils.augmentation import NO_AUGMENTATION, spectra_of
from course_utils.features import network_input
from course_utils.paths import ROOT
from data.recipes import fingerprint, recordings
from tests.benchmarks import folds, robustness
from tests.benchmarks.rows import read, write

import keras
import numpy as np

RUNS_FILE = ROOT / "build" / "fairness-runs.json"
COMPARED = ("none", "noise and rooms", "vocal tract", "adversarial training", "pruning")
REMEDIES = ("further voices", "as many women")
TESTED_CLIPS = 80  # of each voice
DRAWS = 2000

Run = dict[str, Any]


def setup() -> Any:
    """What the numbers depend on."""
    return training_setup(), REMEDIES, COMPARED, DRAWS


def training_setup() -> Any:
    """What each training and its test depend on."""
    return robustness.setup(), recordings(["neural"])


def measure() -> list[dict[str, Any]]:
    """Train what is not kept, and make rows of it and of the kept runs of `robustness`."""
    made_by, of_others = fingerprint(training_setup()), fingerprint(robustness.setup())
    compared = [
        run
        for run in read(robustness.RUNS_FILE)
        if run["recipe_hash"] == of_others and run["kind"] == "remedy" and run["name"] in COMPARED
    ]
    if len(compared) < len(COMPARED) * len(robustness.SEEDS):
        raise SystemExit("fairness compares with trainings that are not kept: measure robustness")
    runs = [run for run in read(RUNS_FILE) if run["recipe_hash"] == made_by]
    done = {(run["name"], run["seed"]) for run in runs}
    pairs = folds.speaker_pairs(corpora.load_digits("fsdd"))
    for seed, (pair, split) in zip(robustness.SEEDS, pairs, strict=True):
        for name in REMEDIES:
            if (name, seed) not in done:
                about = {"recipe_hash": made_by, "name": name, "seed": seed, "pair": pair}
                runs.append({**about, **run_once(split, name, seed)})
                write(RUNS_FILE, runs)
                print(f"fairness: {name}, {pair}", flush=True)
    return rows_of([*compared, *(run for run in runs if run["name"] in REMEDIES)])


def run_once(split: corpora.Split, name: str, seed: int) -> Run:
    """Train with further voices, and count what is recognised of each voice that tests."""
    keras.utils.clear_session()
    train, test = split.train, split.test
    train, test = (
        train.select(train.takes < robustness.TAKES),
        test.select(test.takes < robustness.TEST_TAKES),
    )
    extra = corpora.load_digits("neural")
    if name == "as many women":
        extra = extra.select(np.array([voice[1] == "f" for voice in extra.speakers]))
    clips = training.AugmentedClips(spectra_of(train), seed, spectra_of(extra), NO_AUGMENTATION)
    if name == "as many women":
        clips.n_extra = len(train)
    network = robustness.fresh(seed)
    seconds = robustness.learn(network, clips, seed)
    voices = corpora.load_digits("embedded")
    found = {
        part: robustness.counted(tested, robustness.label(network, network_input(tested.waveforms)))
        for part, tested in (("voices", voices), ("clean", test))
    }
    return {**found, "seconds": seconds, "parameters": network.count_params()}


def rows_of(runs: list[Run]) -> list[dict[str, Any]]:
    """Make rows: the gap, what is closed of it, and of the new remedies how many are recognised."""
    sex, rows = robustness.sex_of(), []
    rng = np.random.default_rng(0)
    groups = {g: [who for who in sorted(sex) if sex[who] == g] for g in ("female", "male")}
    again = {g: rng.integers(len(w), size=(DRAWS, len(w))) for g, w in groups.items()}

    def each(name: str, group: str) -> np.ndarray:
        """Accuracy of each voice of a group, mean of the trainings: (voices,)."""
        same = [run["voices"] for run in runs if run["name"] == name]
        return (
            np.array([[voices[who] for who in groups[group]] for voices in same]).mean(axis=0)
            / TESTED_CLIPS
        )

    def gap(name: str) -> tuple[float, np.ndarray]:
        """Men's accuracy less women's, in points, and the same for voices drawn again."""
        women, men = (each(name, group) for group in ("female", "male"))
        drawn = men[again["male"]].mean(axis=1) - women[again["female"]].mean(axis=1)
        return 100 * (men.mean() - women.mean()), 100 * drawn

    names = dict.fromkeys(run["name"] for run in runs)
    for name in names:
        same = [run for run in runs if run["name"] == name]
        for group in groups if name in REMEDIES else ():  # the others' rows are robustness's
            drawn = each(name, group)[again[group]].mean(axis=1)
            note = each(name, group).mean(), *np.percentile(drawn, [2.5, 97.5])
            rows.append(row_of(same, "accuracy", f"synthetic voices, {group}", note, "fraction"))
        value, drawn = gap(name)
        ends = np.percentile(drawn, [2.5, 97.5])
        rows.append(
            row_of(same, "gap, men less women", "synthetic voices", (value, *ends), "points")
        )
        if name != "none":
            wide, wide_drawn = gap("none")
            closed = wide - value, *np.percentile(wide_drawn - drawn, [2.5, 97.5])
            rows.append(
                row_of(same, "gap closed against none", "synthetic voices", closed, "points")
            )
        if "clean" in same[0]:
            counts = [run["clean"] for run in same]
            note = robustness.share(counts, 10 * robustness.TEST_TAKES)
            rows.append(row_of(same, "accuracy", f"{robustness.SPLIT}, clean", note, "fraction"))
    return rows


def row_of(same: list[Run], metric: str, split: str, values, unit: str) -> dict[str, Any]:
    """Return one row of the trainings of one remedy."""
    value, low, high = (round(float(end), 5) for end in values)
    return {
        **{"model": same[0]["name"], "metric": metric, "value": value, "unit": unit},
        **{"low": low, "high": high, "split": split, "corpus": "fsdd"},
        "seeds": sorted(run["seed"] for run in same),
        "parameters": same[0]["parameters"],
        "train_cpu_seconds": round(float(np.mean([run["seconds"] for run in same])), 1),
    }
