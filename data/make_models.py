"""Train the networks that come with the course, and write them to data/models.

    python -m data.make_models [name …]

Run it in the course's folder. Without a name it makes all five, in some two hours on two cores.
Each follows the recipe of its name in `data/recipes.py`, seed 0, on the training side of FSDD's
official split; the networks for commands and for the wake word on ten of the synthetic voices that
say words and digits, and on further ones that only teach. The test takes, or voices, are used once,
to say what came of it. `recipes.json` says how each was made, `SHA256SUMS` is written anew at the
end. Two makings differ in the last digits of the weights: how many threads share a sum decides in
which order it is added up.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import time
from collections.abc import Sequence
from typing import Any

from course_utils import connected_digits, corpora, ctc, features, metrics, training
from course_utils.corpora import Corpus
from course_utils.files import written_whole
from course_utils.paths import MODELS_FOLDER
from course_utils.serving.assistant import TEST_VOICES, VALIDATION_VOICES, load_commands
from course_utils.serving.phrases import quiet_around
from data.recipes import RECIPES, recipe_hash, train_recipe, versions

import keras
import numpy as np

SEED = 0
OF_DIGITS = ("digit_network", "small_digit_network", "connected_digit_network")
OF_COMMANDS = ("command_network", "wake_network")
NAMES = OF_DIGITS + OF_COMMANDS
RECORDS_FILE = MODELS_FOLDER / "recipes.json"


def result(name: str, model: keras.Model, test: Corpus) -> str:
    """Say how well a network recognises the test takes."""
    if RECIPES[name].longest is None:
        probabilities = training.predict(model, features.network_input(test.waveforms))
        return f"accuracy {metrics.accuracy(test.labels, probabilities.argmax(axis=-1))}"
    if RECIPES[name].name:
        called = test.labels == test.words.index(RECIPES[name].name[0])
        tables = ctc.log_posteriors(model, quiet_around(test.waveforms))
        heard = np.array([table[:, 0].max() for table in tables]) > np.log(0.5)
        shares = [metrics.proportion(int(h.sum()), len(h)) for h in (heard[called], heard[~called])]
        return f"above 0.5 where the name is said {shares[0]}, where another word is {shares[1]}"
    said = connected_digits.compose(test, n_strings=300, seed=7)
    tables = ctc.log_posteriors(model, said.waveforms)
    read = [connected_digits.greedy_decode(table) for table in tables]
    right = sum(map(np.array_equal, said.targets, read))
    return f"whole strings of 3 to 7 digits {metrics.proportion(right, len(said))}"


def without_optimizer(model: keras.Model) -> keras.Model:
    """Return the same network without what the optimizer remembers."""
    plain = keras.Model.from_config(model.get_config())
    plain.set_weights(model.get_weights())
    return plain


def split_of(name: str) -> corpora.Split:
    """Return the clips that a network learns from, and those that test it."""
    if name not in OF_COMMANDS:
        return corpora.official_split(corpora.load_digits("fsdd"))
    rest, test = corpora.unknown_speaker_split(load_commands(), TEST_VOICES)
    return corpora.Split(corpora.unknown_speaker_split(rest, VALIDATION_VOICES).train, test)


def make(name: str, voices: Corpus) -> dict[str, Any]:
    """Train and write one network; return its record."""
    train, test = split_of(name)
    start = time.process_time()
    model = without_optimizer(train_recipe(RECIPES[name], train, voices, SEED))
    seconds = time.process_time() - start
    path = MODELS_FOLDER / f"{name}.keras"
    with written_whole(path) as unfinished:
        model.save(unfinished)
    print(
        f"{name}: {model.count_params()} weights, {path.stat().st_size / 1000:.0f} kB, "
        f"{seconds:.0f} s of processor time, {result(name, model, test)}",
        flush=True,
    )
    made_by = {"recipe_hash": recipe_hash(RECIPES[name], train.name), "corpus": train.name}
    return {**made_by, "seed": SEED, **versions()}


def main(names: Sequence[str]) -> None:
    """Make the networks named, and say of each how it was made."""
    voices = corpora.load_digits("embedded")
    MODELS_FOLDER.mkdir(exist_ok=True)
    for name in names:
        records = json.loads(RECORDS_FILE.read_text()) if RECORDS_FILE.exists() else {}
        records[name] = make(name, voices)
        lines = (f"  {json.dumps(key)}: {json.dumps(records[key])}" for key in sorted(records))
        with written_whole(RECORDS_FILE) as unfinished:
            unfinished.write_text("{\n" + ",\n".join(lines) + "\n}\n")
    files = sorted(MODELS_FOLDER.glob("*.keras"))
    sums = (f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in files)
    with written_whole(MODELS_FOLDER / "SHA256SUMS") as unfinished:
        unfinished.write_text("".join(sums))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="name", help=", ".join(NAMES))
    chosen = parser.parse_args().names
    if unknown := set(chosen) - set(NAMES):
        parser.error(f"no network {', '.join(unknown)} comes with the course: {', '.join(NAMES)}")
    main(chosen or NAMES)
