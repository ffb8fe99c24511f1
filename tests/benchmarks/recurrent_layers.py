"""What it costs to forget the mask, and a wrong feed, with three seeds (chapter 06).

The chapter trains some of these networks itself, once. Here all of them are trained, by its own
cells, so that the rows and what a student runs are the same.
Every network is judged by the chapter's validation takes; the test clips stay where they are.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from course_utils import training
from course_utils.corpora import CorpusError
from data.recipes import recordings
from tests.benchmarks import baselines

import keras
import numpy as np

CHAPTER = "06_rnn"
TAKEN = (
    "corpus", "every_other", "fit_quickly", "last_state_network", "mfcc", "padded", "validation",
    "ways",
)  # fmt: skip
SEEDS = (0, 1, 2)
LAYERS = ("SimpleRNN", "GRU", "LSTM")
MASK_EPOCHS, FEED_EPOCHS = 8, 7
SPLIT = "validation takes"


chapter = partial(baselines.functions, CHAPTER, TAKEN)  # what the reader runs is measured


def setup() -> Any:
    """What the numbers depend on."""
    return (
        baselines.code(CHAPTER, TAKEN),
        SEEDS,
        LAYERS,
        MASK_EPOCHS,
        FEED_EPOCHS,
        recordings(["fsdd"]),
    )


def measure() -> list[dict[str, Any]]:
    """Train each network with each seed; a row has the mean, the lowest and the highest."""
    here = chapter()
    if here.corpus.name != "fsdd":
        raise CorpusError("the rows of chapter 06 are of the real recordings")
    labels, validation = here.every_other.labels, here.validation.labels

    def share_right(layer: Callable, masked: bool, taught, judged, epochs: int, seed: int) -> float:
        keras.utils.clear_session()
        training.set_seed(seed)
        network = here.last_state_network(layer(48), taught.shape[2], masked)
        here.fit_quickly(network, taught, labels, epochs)
        return float(np.mean(training.predict(network, judged).argmax(axis=1) == validation))

    padded, padded_validation = here.padded, here.padded_validation
    found = {}
    for kind in LAYERS:
        for masked in (True, False):
            how = getattr(keras.layers, kind), masked, padded, padded_validation, MASK_EPOCHS
            name = f"{kind}, {'mask' if masked else 'no mask'}"
            found[name] = [share_right(*how, seed) for seed in SEEDS]
            print(name, found[name], flush=True)
    for name, feed in here.ways.items():
        fed = feed(here.mfcc), feed(here.mfcc_validation)
        how = keras.layers.GRU, True, *fed, FEED_EPOCHS
        found[name] = [share_right(*how, seed) for seed in SEEDS]
        print(name, found[name], flush=True)
    return [
        {
            **{"model": name, "metric": "accuracy", "unit": "fraction", "corpus": "fsdd"},
            **{"split": SPLIT, "seeds": list(SEEDS), "value": float(np.mean(values))},
            **{"low": min(values), "high": max(values)},
        }
        for name, values in found.items()
    ]
