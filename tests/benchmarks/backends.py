"""The same networks on another backend of Keras: the same weights, and how near the logits are.

Each backend runs in a process of its own, since Keras chooses one when it is imported. The files
of the networks and the features are the same for both. The course needs TensorFlow alone, so
PyTorch is not in its lock. Whoever measures puts it beside it, and TensorFlow stays as it is:

    pip install -e ".[torch]"

On Linux, pip may take a PyTorch with gigabytes for graphics cards; a smaller one for processors
alone comes from PyTorch's own index, which its page "Get started" names.
"""

from __future__ import annotations

import importlib.metadata
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from course_utils import corpora
from course_utils.connected_digits import connected_digit_features
from course_utils.features import network_input, pad_or_crop
from course_utils.paths import MODELS_FOLDER
from data.recipes import fingerprint, recordings, stored_network

import numpy as np

NETWORKS = ("digit_network", "connected_digit_network")
BACKENDS = {"tensorflow": ("tensorflow-cpu", "tensorflow"), "torch": ("torch",)}
EVERY = 10  # each tenth of the synthetic clips
STRING_SAMPLES = 16000
REPEATS = 5
ANSWER = """
import sys, time
import keras
import numpy as np
inputs, answers, repeats, *paths = sys.argv[1:]
found = {"backend": keras.backend.backend()}
with np.load(inputs) as file:
    for path in paths:
        name = path.rpartition("/")[2].removesuffix(".keras")
        network = keras.models.load_model(path, compile=False)
        found[f"{name} logits"] = network.predict(file[name], batch_size=64, verbose=0)
        seconds = []
        for _ in range(int(repeats)):
            start = time.process_time()
            network.predict(file[name], batch_size=64, verbose=0)
            seconds.append(time.process_time() - start)
        found[f"{name} seconds"] = min(seconds)
        for place, weights in enumerate(network.get_weights()):
            found[f"{name} weights {place}"] = weights
np.savez(answers, **found)
"""

Found = dict[str, np.ndarray]


def setup() -> Any:
    """What the numbers depend on."""
    networks = [stored_network(name) for name in NETWORKS]
    return networks, EVERY, STRING_SAMPLES, fingerprint(ANSWER), recordings(["embedded"])


def version_of(backend: str) -> str:
    """Version of the package of a backend; stop, and say how to get it, where it lacks."""
    for package in BACKENDS[backend]:
        try:
            return importlib.metadata.version(package).partition("+")[0]
        except importlib.metadata.PackageNotFoundError:
            continue
    raise SystemExit(f"{backend} is not installed beside the course.\n{__doc__}")


def inputs_of() -> dict[str, np.ndarray]:
    """Features that both kinds of networks are given, by the name of the network."""
    corpus = corpora.load_digits("embedded")
    clips = corpus.select(np.arange(0, len(corpus), EVERY)).waveforms
    strings = [np.concatenate(clips[i : i + 3]) for i in range(0, len(clips) - 2, 3)]
    padded = pad_or_crop(strings, STRING_SAMPLES)
    found = network_input(clips), connected_digit_features(padded)
    return dict(zip(NETWORKS, map(np.asarray, found), strict=True))


def answers_on(backend: str, inputs: Path) -> Found:
    """Load the networks on a backend; return weights, logits, and seconds of processor time."""
    answers = inputs.with_name(f"{backend}.npz")
    paths = [str(MODELS_FOLDER / f"{name}.keras") for name in NETWORKS]
    command = [sys.executable, "-c", ANSWER, str(inputs), str(answers), str(REPEATS), *paths]
    variables = {**os.environ, "KERAS_BACKEND": backend, "TF_CPP_MIN_LOG_LEVEL": "3"}
    subprocess.run(command, env=variables, check=True)
    with np.load(answers) as file:
        found = dict(file)
    if (used := str(found.pop("backend"))) != backend:
        raise RuntimeError(f"Keras took {used}, not {backend}")
    return found


def measure() -> list[dict[str, Any]]:
    """Compare each backend with TensorFlow; all of them have to be there."""
    versions = {backend: version_of(backend) for backend in BACKENDS}
    with tempfile.TemporaryDirectory() as folder:
        inputs = Path(folder) / "inputs.npz"
        np.savez(inputs, **inputs_of())
        found = {backend: answers_on(backend, inputs) for backend in BACKENDS}
    return rows_of(found, versions)


def rows_of(found: dict[str, Found], versions: dict[str, str]) -> list[dict[str, Any]]:
    """Make rows of each network on each backend, against the first one."""
    first, rows = found[next(iter(found))], []
    for network in NETWORKS:
        weights = [name for name in first if name.startswith(f"{network} weights")]
        logits = first[f"{network} logits"]
        for backend, other in found.items():
            same = [np.array_equal(first[name], other[name]) for name in weights]
            apart = np.abs(other[f"{network} logits"] - logits)
            answers = other[f"{network} logits"].argmax(axis=-1) == logits.argmax(axis=-1)
            about = {
                **{"model": network, "corpus": "embedded"},
                "split": f"{backend} {versions[backend]}",
                "parameters": int(sum(first[name].size for name in weights)),
            }
            time = 1000 * float(other[f"{network} seconds"]) / len(logits)
            for metric, value, unit in (
                ("arrays of weights that differ", len(same) - sum(same), None),
                ("largest difference of a logit", float(apart.max()), None),
                ("share of equal answers", float(answers.mean()), "fraction"),
                ("processor time a clip", round(time, 3), "ms"),
            ):
                rows.append({**about, "metric": metric, "value": value, "unit": unit})
    return rows
