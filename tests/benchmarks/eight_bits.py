"""What the small network and its file in eight bits keep of new voices, in quiet and in noise.

Each of FSDD's speakers is left out of the training in turn (chapter 12). The file takes features;
clips of the other five speakers show it how large the numbers become. Intervals draw the speakers
again. What can be counted on paper, operations and memory, the chapter counts.

Every finished training is kept in build/eight-bits-runs.json, under the hash of all this.
"""

from __future__ import annotations

import tempfile
from functools import partial
from pathlib import Path
from typing import Any

from course_utils import corpora
from course_utils.features import COURSE_FRONT_END, network_input
from course_utils.metrics import bootstrap_interval
from course_utils.paths import ROOT
from course_utils.serving import export, runtimes
from data.recipes import RECIPES, fingerprint, recipe_hash, recordings, train_recipe
from tests.benchmarks import baselines, folds, robustness
from tests.benchmarks.plans import MEAN_OF_SIX
from tests.benchmarks.rows import read, write

import keras
import numpy as np
from threadpoolctl import threadpool_limits

RUNS_FILE = ROOT / "build" / "eight-bits-runs.json"
MODEL = "small_digit_network"
SEEDS = (0, 1, 2)
N_TYPICAL = 100  # clips that show the file how large the numbers become
NOISES = ("babble 20 dB", "babble 10 dB")  # of `robustness.degrees`

Run = dict[str, Any]


def training_setup() -> Any:
    """What one training and its test depend on."""
    noise = baselines.code(robustness.CHAPTER, robustness.TAKEN), recordings(["noise"])
    return recipe_hash(RECIPES[MODEL], "fsdd"), N_TYPICAL, NOISES, noise, COURSE_FRONT_END


def setup() -> Any:
    """What the numbers depend on."""
    return training_setup(), SEEDS


def run_once(split: corpora.Split, voices: corpora.Corpus, seed: int) -> Run:
    """Train once, and count what the network and its file recognise of the speaker left out."""
    keras.utils.clear_session()
    with threadpool_limits(limits=1):  # several trainings can run side by side
        network = train_recipe(RECIPES[MODEL], split.train, voices, seed)
    chosen = np.random.default_rng(0).permutation(len(split.train))[:N_TYPICAL]
    typical = network_input([split.train.waveforms[i] for i in chosen])
    heard = {"": split.test} | {
        f", {noise}": robustness.under(split.test, robustness.degrees()[noise]) for noise in NOISES
    }
    found: dict[str, dict[str, int]] = {"float": {}, "int8": {}, "same": {}}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "small.tflite")
        export.quantise(network, path, typical)
        run, size = runtimes.load(path), path.stat().st_size
        for where, test in heard.items():
            clips = network_input(test.waveforms)
            labels = robustness.label(network, clips), np.asarray(run(clips)).argmax(axis=1)
            for name, answers in zip(("float", "int8"), labels, strict=True):
                found[name][where] = int((answers == test.labels).sum())
            found["same"][where] = int((labels[0] == labels[1]).sum())
    return {**found, "clips": len(split.test), "size": size, "parameters": network.count_params()}


def measure() -> list[dict[str, Any]]:
    """Train what is not kept, and make rows of all of it."""
    made_by, voices = fingerprint(training_setup()), corpora.load_digits("embedded")
    runs = [run for run in read(RUNS_FILE) if run["recipe_hash"] == made_by]
    done = {(run["part"], run["seed"]) for run in runs}
    for part, split in folds.each_speaker(corpora.load_digits("fsdd")):
        for seed in SEEDS:
            if (part, seed) not in done:
                about = {"recipe_hash": made_by, "part": part, "seed": seed}
                runs.append({**about, **run_once(split, voices, seed)})
                write(RUNS_FILE, runs)
                print(f"eight bits: {part}, seed {seed}", flush=True)
    return rows_of(runs)


def rows_of(runs: list[Run]) -> list[dict[str, Any]]:
    """Make rows: what each of the two recognises, and what the file loses."""
    parts = dict.fromkeys(run["part"] for run in runs)
    seeds = sorted({run["seed"] for run in runs})
    rows: list[dict[str, Any]] = []

    def each(name: str, where: str) -> np.ndarray:
        """Clips of each speaker, all seeds together: (speakers,)."""
        return np.array(
            [sum(run[name][where] for run in runs if run["part"] == part) for part in parts], float
        )

    def note(model: str, metric: str, values: tuple[Any, ...], unit: str, digits: int = 5) -> None:
        value, low, high = (None if v is None else round(float(v), digits) for v in values)
        rows.append(
            {
                **{"model": model, "metric": metric, "value": value, "unit": unit},
                **{"low": low, "high": high, "corpus": "fsdd", "split": MEAN_OF_SIX},
                **{"seeds": seeds, "parameters": runs[0]["parameters"]},
                "size_bytes": runs[0]["size"] if model.endswith("file") else None,
            }
        )

    clips = np.array([sum(r["clips"] for r in runs if r["part"] == part) for part in parts], float)
    note_file = partial(note, f"{MODEL}, int8 file")
    for where in runs[0]["float"]:
        in_float, in_file, same = (each(name, where) for name in ("float", "int8", "same"))
        for model, right in ((MODEL, in_float), (f"{MODEL}, int8 file", in_file)):
            share = right.sum() / clips.sum(), *bootstrap_interval(right, clips)
            note(model, f"accuracy{where}", share, "fraction")
            lowest = (right / clips).min(), None, None
            note(model, f"accuracy of the lowest speaker{where}", lowest, "fraction")
        lost = in_float - in_file
        points = (100 * end for end in (lost.sum() / clips.sum(), *bootstrap_interval(lost, clips)))
        note_file(f"points lost by eight bits{where}", tuple(points), "points", 3)
        agree = same.sum() / clips.sum(), *bootstrap_interval(same, clips)
        note_file(f"share of equal decisions{where}", agree, "fraction")
    return rows
