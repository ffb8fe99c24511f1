"""What it costs to forget the mask, and a wrong feed, with three seeds (chapter 06).

The chapter trains some of these networks itself, once. Here all of them are trained, by its own
cells: they are read from the notebook, so that the rows and what a student runs are the same.
Every network is judged by the chapter's validation takes; the test clips stay where they are.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

from course_utils import training
from course_utils.corpora import CorpusError
from course_utils.paths import ROOT
from data.recipes import recordings

import keras
import nbformat
import numpy as np

CHAPTER = "06_rnn.ipynb"
DEFINES = ("DIGITS", "train", "layers", "pad_after", "padded", "fit_quickly", "ways")
SEEDS = (0, 1, 2)
LAYERS = ("SimpleRNN", "GRU", "LSTM")
MASK_EPOCHS, FEED_EPOCHS = 8, 7
SPLIT = "validation takes"


def names_of(source: str) -> set[str]:
    """Return what a cell binds at its top level."""
    found = set()
    for node in ast.parse(source).body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            found |= {(name.asname or name.name).split(".")[0] for name in node.names}
        elif isinstance(node, ast.FunctionDef):
            found.add(node.name)
        elif isinstance(node, ast.Assign):
            of_targets = (ast.walk(target) for target in node.targets)
            found |= {n.id for nodes in of_targets for n in nodes if isinstance(n, ast.Name)}
    return found


def cells() -> list[str]:
    """Return the cells of the chapter that hold its experiment, in order."""
    book = nbformat.read(ROOT / "notebooks" / CHAPTER, 4)
    sources = [cell.source for cell in book.cells if cell.cell_type == "code"]
    first = {name: next(s for s in sources if name in names_of(s)) for name in DEFINES}
    return list(dict.fromkeys(first.values()))


def setup() -> Any:
    """What the numbers depend on."""
    return cells(), SEEDS, LAYERS, MASK_EPOCHS, FEED_EPOCHS, recordings(["fsdd"])


def measure() -> list[dict[str, Any]]:
    """Train each network with each seed; a row has the mean, the lowest and the highest."""
    chapter: dict[str, Any] = {}
    for source in cells():
        exec(source, chapter)
    if chapter["corpus"].name != "fsdd":
        raise CorpusError("the rows of chapter 06 are of the real recordings")
    labels, validation = chapter["every_other"].labels, chapter["validation"].labels

    def share_right(layer: Callable, masked: bool, taught, judged, epochs: int, seed: int) -> float:
        keras.utils.clear_session()
        training.set_seed(seed)
        network = chapter["last_state_network"](layer(48), taught.shape[2], masked)
        chapter["fit_quickly"](network, taught, labels, epochs)
        return float(np.mean(training.predict(network, judged).argmax(axis=1) == validation))

    padded, padded_validation = chapter["padded"], chapter["padded_validation"]
    found = {}
    for kind in LAYERS:
        for masked in (True, False):
            how = getattr(keras.layers, kind), masked, padded, padded_validation, MASK_EPOCHS
            name = f"{kind}, {'mask' if masked else 'no mask'}"
            found[name] = [share_right(*how, seed) for seed in SEEDS]
            print(name, found[name], flush=True)
    for name, feed in chapter["ways"].items():
        fed = feed(chapter["mfcc"]), feed(chapter["mfcc_validation"])
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
