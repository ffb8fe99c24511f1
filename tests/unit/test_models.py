"""The trained networks that come with the course."""

import hashlib

from course_utils import corpora, models
from course_utils.features import network_input
from course_utils.metrics import accuracy
from course_utils.paths import MODELS_FOLDER
from course_utils.serving.export import check_trained

import numpy as np
import pytest


def test_stored_models_are_those_that_were_measured():
    sums = [line.split("  ") for line in (MODELS_FOLDER / "SHA256SUMS").read_text().splitlines()]
    assert {name for _, name in sums} == {path.name for path in MODELS_FOLDER.glob("*.keras")}
    for expected, name in sums:
        path = MODELS_FOLDER / name
        assert hashlib.sha256(path.read_bytes()).hexdigest() == expected, name
        assert path.stat().st_size <= 500_000
        check_trained(models.load_trained(path.stem))


@pytest.mark.parametrize(
    ("name", "least"), [("digit_network", 0.99), ("small_digit_network", 0.98)]
)
def test_stored_digit_networks_hear(name, least, fsdd):
    test = corpora.official_split(fsdd).test
    logits = models.load_trained(name)(network_input(test.waveforms))
    assert accuracy(test.labels, np.argmax(logits, -1)).value >= least
