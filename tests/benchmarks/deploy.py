"""What `run.py deployment` measures: exported and compressed digit recognisers (chapter 12).

`deploy_rows` gives, for the stored models and FSDD's official test takes, the largest
difference of an exported file from its Keras model and the share of equal decisions; size and
accuracy of the files with eight bits, and how many points they lose against the reference
network in float; milliseconds a clip, the best of three rounds, one thread, clip by clip.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from course_utils import corpora, layers
from course_utils.serving import export
from course_utils.features import network_input
from course_utils.metrics import accuracy

import keras
import numpy as np

MODELS = Path(__file__).resolve().parents[2] / "data" / "models"
N_TYPICAL = 100  # clips of the training side that show how large the numbers become


def milliseconds(run: Callable, clips: Sequence[np.ndarray]) -> float:
    """Best of three rounds over all clips, one by one: milliseconds a clip."""
    times = []
    for _ in range(3):
        start = time.perf_counter()
        for clip in clips:
            run(clip[None])
        times.append(time.perf_counter() - start)
    return round(1000 * min(times) / len(clips), 3)


def deploy_rows(group: str, row: Callable[..., dict]) -> list[dict]:
    """Measure all; `row` is that of run.py."""
    train, test = corpora.official_split(corpora.load_digits("fsdd"))
    chosen = np.random.default_rng(0).permutation(len(train))[:N_TYPICAL]
    typical = [train.waveforms[i] for i in chosen]
    about = {"corpus": "fsdd", "split": "official"}
    rows, reference = [], None

    def add(model: str, metric: str, value: float, **more) -> None:
        rows.append(row(group, "deployment", model, metric, value, **about, **more))

    with tempfile.TemporaryDirectory() as folder:
        for name in ("digit_network", "small_digit_network"):
            network = keras.models.load_model(MODELS / f"{name}.keras")
            model = deployment.with_front_end(network, layers.NetworkInput(name="front_end"))
            expected = deployment.outputs(model, test.waveforms)
            found = accuracy(test.labels, np.argmax(expected, axis=1))
            reference = found.value if reference is None else reference
            for ending in (".keras", "", ".onnx", ".tflite"):
                path, label = Path(folder, f"{name}{ending}"), ending or "SavedModel"
                deployment.export(model, path, typical[:3])
                agreement = deployment.verify(path, expected, test.waveforms)
                add(f"{name}, {label}", "largest difference of a logit", agreement.difference)
                add(f"{name}, {label}", "share of equal decisions", agreement.same)
            features, small = network_input(test.waveforms), network_input(typical)
            variants = {
                "float": None,
                "dynamic range": (model, (), None, test.waveforms),
                "int8, front end in float": (model, typical, "front_end", test.waveforms),
                "int8, features in": (network, small, None, features),
            }
            for variant, how in variants.items():
                path = Path(folder, f"{name}.tflite")
                clips = test.waveforms
                if how is not None:
                    whole, shown, in_float, clips = how
                    deployment.quantise(whole, path, shown, in_float)
                run = deployment.load(path)
                answers = np.array([run(clip[None])[0].argmax() for clip in clips])
                found = accuracy(test.labels, answers)
                ends = {"low": round(found.low, 5), "high": round(found.high, 5)}
                size = {"size_bytes": path.stat().st_size, "parameters": network.count_params()}
                label = f"{name}, {variant}"
                add(label, "accuracy", round(found.value, 5), **ends, **size)
                lost = 100 * (reference - found.value)
                add(label, "points lost against the reference", round(lost, 3), **size)
                add(label, "milliseconds a clip", milliseconds(run, clips), **size)
    return rows
