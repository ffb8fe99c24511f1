"""Smaller networks, judged by voices that none of them has heard (chapter 12).

A pair of FSDD's speakers is held out with each seed. What learns from the other four:
a large network and a tiny one, both trained from scratch; a tiny one that the large one teaches;
the large one with half of its filters, or with 80 % zeros, before and after fine-tuning; the
tiny one rounded to a few bits, after training, after more training, and while it trains; and
the tiny one as an int8 file. Rounding, teaching and pruning are the chapter's own functions.
The interval of an accuracy is Wilson's over the
clips; the ends of a gain are those of the speaker who lost most and of the one who gained most.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from course_utils import augmentation, corpora, models, training
from course_utils.augmentation import AUGMENTATION, spectra_of
from course_utils.corpora import Split
from course_utils.features import COURSE_FRONT_END, network_input
from course_utils.metrics import proportion
from course_utils.serving import export, runtimes
from data.recipes import optimizer, recordings
from tests.benchmarks import baselines, folds

import keras
import numpy as np

CHAPTER = "12_deployment"
TAKEN = ("Rounded", "TaughtClips", "distillation_loss", "fewer_filters", "prune")
SPLIT = "unknown speakers, in pairs"
SEEDS = (0, 1, 2)  # each with the next pair of `folds.speaker_pairs`
LARGE, TINY = (12, 16, 24, 30, 40), (6, 8, 12, 15, 20)  # filters
BITS = (8, 4, 3, 2)
EPOCHS = {"scratch": 16, "fine-tuning": 6, "rounding": 5}
RATES = {"scratch": 3e-3, "fine-tuning": 1e-3, "rounding": 1e-3}
LEARNED_FROM: augmentation.Augmentation = replace(AUGMENTATION, vtlp=None)
ZEROS = 0.8
N_TYPICAL = 100  # clips that show the int8 file how large the numbers become

Run = dict[str, Any]


chapter = partial(baselines.functions, CHAPTER, TAKEN)  # what the reader sees is measured


def setup() -> Any:
    """What the numbers depend on."""
    code = baselines.code(CHAPTER, TAKEN)
    how = SEEDS, LARGE, TINY, BITS, EPOCHS, RATES, ZEROS, N_TYPICAL, folds.PAIRS
    rates = optimizer(RATES["scratch"])
    return code, how, LEARNED_FROM, rates, COURSE_FRONT_END, recordings(["fsdd"])


# ---------------------------------------------------------------- one pair of speakers, one seed


def run_once(split: Split, seed: int) -> Run:
    """Train and test everything once: how many clips of each speaker are recognised."""
    here, spectra = chapter(), spectra_of(split.train)
    heard = network_input(split.test.waveforms)
    right: dict[str, dict[str, int]] = {}

    def clips() -> training.AugmentedClips:
        return training.AugmentedClips(spectra, seed, augmentation=LEARNED_FROM)

    def fresh(filters: tuple[int, ...]) -> keras.Model:
        training.set_seed(seed)
        return models.digit_network(*heard.shape[1:], filters=filters, dropout=0.0)

    def learn(network: keras.Model, how: str, drawn=None, loss=training.SMOOTHED_CROSS_ENTROPY):
        training.set_seed(seed)
        about = EPOCHS[how], RATES[how], loss
        training.train(network, drawn or clips(), *about, metrics=(), progress=False)
        return network

    def copy_of(network: keras.Model) -> keras.Model:
        copy = keras.models.clone_model(network)
        copy.set_weights(network.get_weights())
        return copy

    def test(name: str, network: keras.Model | Callable) -> np.ndarray:
        of_keras = isinstance(network, keras.Model)
        logits = training.predict(network, heard) if of_keras else network(heard)
        correct = logits.argmax(axis=1) == split.test.labels
        who = split.test.speakers
        right[name] = {str(s): int(correct[who == s].sum()) for s in np.unique(who)}
        return logits.argmax(axis=1)

    large, tiny = learn(fresh(LARGE), "scratch"), learn(fresh(TINY), "scratch")
    test("large", large)
    in_float = test("tiny", tiny)
    taught = here.TaughtClips(clips(), large)
    test("tiny, distilled", learn(fresh(TINY), "scratch", taught, here.distillation_loss))
    for name, pruned in (
        ("large, half the filters", here.fewer_filters(large, TINY)),
        ("large, 80 % zeros", here.prune(large, ZEROS)),
    ):
        test(name, pruned)
        test(f"{name}, fine-tuned", learn(pruned, "fine-tuning"))
    longer = learn(copy_of(tiny), "rounding")
    test("tiny, trained on", longer)
    for bits in BITS:
        test(f"tiny, {bits} bits", here.Rounded(tiny, bits))
        test(f"tiny, trained on, {bits} bits", here.Rounded(longer, bits))
        if bits < 8:
            aware = learn(here.Rounded(copy_of(tiny), bits), "rounding")
            test(f"tiny, {bits} bits, quantisation-aware", aware)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "tiny.tflite")
        chosen = np.random.default_rng(0).permutation(len(split.train))[:N_TYPICAL]
        export.quantise(tiny, path, network_input([split.train.waveforms[i] for i in chosen]))
        in_file, size = test("tiny, int8 file", runtimes.load(path)), path.stat().st_size
    return {
        "right": right,
        "clips": {str(s): int((split.test.speakers == s).sum()) for s in right["tiny"]},
        "same": float(np.mean(in_file == in_float)),
        "size": size,
        "parameters": {"large": large.count_params(), "tiny": tiny.count_params()},
    }


# ---------------------------------------------------------------- all of them, as rows


def measure() -> list[dict[str, Any]]:
    """Hold out a pair with each seed, and make rows of it."""
    pairs = folds.speaker_pairs(corpora.load_digits("fsdd"))
    runs = []
    for seed, (_, split) in zip(SEEDS, pairs):
        keras.utils.clear_session()
        runs.append({"seed": seed, **run_once(split, seed)})
    return rows_of(runs)


def rows_of(runs: list[Run]) -> list[dict[str, Any]]:
    """Make a row of each network's accuracy, and of its difference from the one it began as."""
    rows, seeds = [], sorted({run["seed"] for run in runs})
    clips = {who: n for run in runs for who, n in run["clips"].items()}
    heard = np.array(list(clips.values()))

    def recognised(model: str) -> np.ndarray:
        """Clips of each speaker that are recognised: (speakers,)."""
        return np.array([right for run in runs for right in run["right"][model].values()])

    def note(model: str, metric: str, values: tuple[float, ...], unit: str, digits: int) -> None:
        start = model.partition(",")[0]
        value, low, high = (round(float(end), digits) for end in values)
        rows.append(
            {
                **{"model": model, "metric": metric, "value": value, "unit": unit},
                **{"low": low, "high": high, "corpus": "fsdd", "split": SPLIT, "seeds": seeds},
                "parameters": runs[0]["parameters"]["tiny" if "half" in model else start],
                "size_bytes": runs[0]["size"] if model.endswith("file") else None,
            }
        )

    for model in runs[0]["right"]:
        found = recognised(model)
        note(model, "accuracy", proportion(int(found.sum()), int(heard.sum())), "fraction", 5)
        others = [model.partition(",")[0], "tiny"]
        if model.endswith("quantisation-aware"):
            others.append(f"tiny, trained on, {model.split(', ')[1]}")
        for other in dict.fromkeys(others):
            if other != model:
                gained, each = found - recognised(other), 100 / heard
                points = 100 * gained.sum() / heard.sum(), min(gained * each), max(gained * each)
                note(model, f"accuracy gained against {other}", points, "points", 3)
    same = [run["same"] for run in runs]
    note("tiny, int8 file", "share of equal decisions", (np.mean(same), min(same), max(same)),
         "fraction", 5)  # fmt: skip
    return rows
