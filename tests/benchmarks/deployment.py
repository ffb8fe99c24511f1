"""Exported and compressed digit recognisers against their models (chapter 12).

For the stored networks and FSDD's official test takes: the largest difference of an exported
file from its Keras model and the share of equal decisions; size and accuracy of the files
with eight bits, and how many points they lose against the reference network in float;
milliseconds a clip, the best of three rounds, one thread, clip by clip.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from course_utils import corpora
from course_utils.features import COURSE_FRONT_END, network_input
from course_utils.metrics import accuracy
from course_utils.models import load_trained
from course_utils.serving.export import export_model, quantise, with_front_end
from course_utils.serving.network_input import NetworkInput
from course_utils.serving.runtimes import load, outputs, verify
from data.recipes import recordings, stored_network

import numpy as np

NAMES = ("digit_network", "small_digit_network")  # the first is the reference
N_TYPICAL = 100  # clips of the training side that show how large the numbers become


def setup() -> Any:
    """What the numbers depend on."""
    files = [stored_network(name) for name in NAMES]
    return files, COURSE_FRONT_END, N_TYPICAL, recordings(["fsdd"])


def milliseconds(run: Callable, clips: Sequence[np.ndarray]) -> float:
    """Best of three rounds over all clips, one by one: milliseconds a clip."""
    times = []
    for _ in range(3):
        start = time.perf_counter()
        for clip in clips:
            run(clip[None])
        times.append(time.perf_counter() - start)
    return round(1000 * min(times) / len(clips), 3)


def measure() -> list[dict[str, Any]]:
    """Export, compress and test each network."""
    train, test = corpora.official_split(corpora.load_digits("fsdd"))
    chosen = np.random.default_rng(0).permutation(len(train))[:N_TYPICAL]
    typical = [train.waveforms[i] for i in chosen]
    rows, reference = [], None

    def note(model: str, metric: str, value: float, unit: str | None, **more: Any) -> None:
        about = {"corpus": "fsdd", "split": "official"}
        measured = {"model": model, "metric": metric, "value": value, "unit": unit}
        rows.append({**measured, **about, **more})

    with tempfile.TemporaryDirectory() as folder:
        for name in NAMES:
            network = load_trained(name)
            model = with_front_end(network, NetworkInput(name="front_end"))
            expected = outputs(model, test.waveforms)
            found = accuracy(test.labels, np.argmax(expected, axis=1))
            reference = found.value if reference is None else reference
            for ending in (".keras", "", ".onnx", ".tflite"):
                path, label = Path(folder, f"{name}{ending}"), ending or "SavedModel"
                export_model(model, path, typical[:3])
                agreement = verify(path, expected, test.waveforms)
                difference, label = agreement.difference, f"{name}, {label}"
                note(label, "largest difference of a logit", difference, None)
                note(label, "share of equal decisions", agreement.same, "fraction")
            clips, typical_features = network_input(test.waveforms), network_input(typical)
            for variant, how, inputs in (
                ("float", None, test.waveforms),
                ("dynamic range", (model, ()), test.waveforms),
                ("int8, front end in float", (model, typical, "front_end"), test.waveforms),
                ("int8, features in", (network, typical_features), clips),
            ):
                path = Path(folder, f"{name}.tflite")
                if how is not None:
                    whole, *settings = how
                    quantise(whole, path, *settings)
                run, label = load(path), f"{name}, {variant}"
                answers = np.array([run(clip[None])[0].argmax() for clip in inputs])
                value, *ends = accuracy(test.labels, answers)
                low, high = (round(end, 5) for end in ends)
                size = {"size_bytes": path.stat().st_size, "parameters": network.count_params()}
                note(label, "accuracy", round(value, 5), "fraction", low=low, high=high, **size)
                lost = round(100 * (reference - value), 3)
                note(label, "accuracy lost against the reference", lost, "points", **size)
                note(label, "time a clip", milliseconds(run, inputs), "ms", **size)
    return rows
