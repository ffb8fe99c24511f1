"""What codecs of the telephone cost the recognisers of chapter 10.

The recognisers are those of `robustness`, trained in the same way on the same clips, with the
same seeds and pairs of FSDD's speakers held out; the codecs are the chapter's own. No codec is in
any training. Intervals draw the speakers again.

Every finished training is kept in build/codecs-runs.json, under the hash of all this.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

from course_utils import corpora, models, training
from course_utils.augmentation import Spectra, spectra_of
from course_utils.corpora import Corpus
from course_utils.features import network_input
from course_utils.paths import ROOT
from data.recipes import fingerprint
from tests.benchmarks import baselines, folds, robustness
from tests.benchmarks.rows import read, write

import keras
import numpy as np

TAKEN = ("CODECS", "coded")
RUNS_FILE = ROOT / "build" / "codecs-runs.json"
RECOGNISERS = ("SVM", "GMM-HMM", "none", "chapter 05", "recurrent_network")
UNDISTURBED = (
    "clean"  # as a run names it; its rows say "no codec", since `robustness` has a clean one
)

Run = dict[str, Any]
chapter = partial(baselines.functions, robustness.CHAPTER, TAKEN)


def setup() -> Any:
    """What the numbers depend on."""
    return training_setup(), RECOGNISERS


def training_setup() -> Any:
    """What each training and its test depend on."""
    return robustness.setup(), baselines.code(robustness.CHAPTER, TAKEN)


def measure() -> list[dict[str, Any]]:
    """Train everything three times, or take what was kept, and make rows of it."""
    made_by = fingerprint(training_setup())
    runs = [run for run in read(RUNS_FILE) if run["recipe_hash"] == made_by]
    done = {(run["name"], run["seed"]) for run in runs}
    pairs = folds.speaker_pairs(corpora.load_digits("fsdd"))
    for seed, (pair, split) in zip(robustness.SEEDS, pairs, strict=True):
        todo = [name for name in RECOGNISERS if (name, seed) not in done]
        bench = Pair(split, seed)
        sounds = heard_through(bench.test) if todo else {}
        for name in todo:
            about = {"recipe_hash": made_by, "name": name, "seed": seed, "pair": pair}
            runs.append({**about, **run_once(bench, name, sounds)})
            write(RUNS_FILE, runs)
            print(f"codecs: {name}, {pair}", flush=True)
    return rows_of([run for run in runs if run["name"] in RECOGNISERS])


class Pair:
    """A pair of speakers held out: who teaches, and who tests, as `robustness.Bench` has them."""

    def __init__(self, split: corpora.Split, seed: int):
        self.seed = seed
        self.train = split.train.select(split.train.takes < robustness.TAKES)
        self.test = split.test.select(split.test.takes < robustness.TEST_TAKES)
        self.voices = corpora.load_digits("embedded")

    def spectra(self) -> Spectra:
        """Spectra of the clips that teach."""
        return spectra_of(self.train)


def heard_through(corpus: Corpus) -> dict[str, Corpus]:
    """Return the clips as they are, and through each codec."""
    here, found = chapter(), {UNDISTURBED: corpus}
    for codec in here.CODECS:
        heard = tuple(here.coded(waveform, codec) for waveform in corpus.waveforms)
        found[codec] = replace(corpus, waveforms=heard)
    return found


def run_once(bench: Pair, name: str, sounds: dict[str, Corpus]) -> Run:
    """Train a recogniser as `robustness` does, and count what it recognises."""
    keras.utils.clear_session()
    start = time.process_time()
    predict, parameters = trained(bench, name)
    seconds = time.process_time() - start
    right = {what: robustness.counted(clips, predict(clips)) for what, clips in sounds.items()}
    return {"right": right, "parameters": parameters, "seconds": seconds}


def trained(bench: Pair, name: str) -> tuple[Callable[[Corpus], np.ndarray], int]:
    """Train a recogniser; return what labels clips, and how many numbers it keeps."""
    if name in ("SVM", "GMM-HMM"):
        found = baselines.fit(f"{baselines.CHAPTER}, {name}", bench.train)
        return found.predict, found.parameters
    if name == "recurrent_network":
        training.set_seed(bench.seed)
        network = models.recurrent_network(98, 40)
        extra = spectra_of(bench.voices)
        clips = training.AugmentedClips(bench.spectra(), bench.seed, extra)
    else:
        clips, _ = robustness.clips_for(bench, name)
        network = robustness.fresh(bench.seed, 0.0 if name == "none" else 0.2)
    robustness.learn(network, clips, bench.seed)
    heard = lambda clips: robustness.label(network, network_input(clips.waveforms))  # noqa: E731
    return heard, network.count_params()


def rows_of(runs: list[Run]) -> list[dict[str, Any]]:
    """Make rows: the accuracy of each recogniser through each codec."""
    rows, each = [], 10 * robustness.TEST_TAKES
    for name in dict.fromkeys(run["name"] for run in runs):
        same = [run for run in runs if run["name"] == name]
        for codec in same[0]["right"]:
            ends = robustness.share([run["right"][codec] for run in same], each)
            value, low, high = (round(float(end), 5) for end in ends)
            rows.append(
                {
                    **{"model": name, "metric": "accuracy", "value": value, "unit": "fraction"},
                    **{"low": low, "high": high, "corpus": "fsdd"},
                    "split": f"{robustness.SPLIT}, {'no codec' if codec == UNDISTURBED else codec}",
                    "seeds": sorted(run["seed"] for run in same),
                    "parameters": same[0]["parameters"],
                    "train_cpu_seconds": round(float(np.mean([r["seconds"] for r in same])), 1),
                }
            )
    return rows
