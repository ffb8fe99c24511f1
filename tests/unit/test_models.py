"""The networks: their sizes, what they may look at, and the trained ones of the course."""

import hashlib
import json

from course_utils import corpora, models, paths, training
from course_utils.features import COURSE_FRONT_END, NETWORK_FRAMES, network_input
from course_utils.metrics import accuracy
from course_utils.models import load_trained
from course_utils.paths import MODELS_FOLDER
from course_utils.serving.export import check_trained
from data.recipes import architecture, mean_of

import keras
import numpy as np
import pytest

SHAPE = (NETWORK_FRAMES, COURSE_FRONT_END.n_mels)
BUILT = {
    "digit_network": lambda: models.digit_network(*SHAPE),
    "small_digit_network": lambda: models.small_digit_network(*SHAPE),
    "recurrent_network": lambda: models.recurrent_network(*SHAPE),
    "connected_digit_network": lambda: models.connected_digit_network(width=128),
    "command_network": lambda: models.connected_digit_network(n_symbols=86, width=128),
    "wake_network": lambda: mean_of(
        [models.connected_digit_network(40, 2, 64, (16, 24, 32)) for _ in range(3)]
    ),
}
STORED = sorted(path.stem for path in paths.MODELS_FOLDER.glob("*.keras"))


@pytest.fixture(scope="module")
def networks():
    training.set_seed(0)
    return {name: build() for name, build in BUILT.items()}


def anatomy(model):
    """Return each layer's class and configuration, without names that Keras counts up."""

    def nameless(value):
        if isinstance(value, dict):
            return {key: nameless(v) for key, v in value.items() if key != "name"}
        return [nameless(v) for v in value] if isinstance(value, list | tuple) else value

    return [
        (type(layer).__name__, nameless(layer.get_config()), [w.shape for w in layer.weights])
        for layer in model.layers
    ]


# ---------------------------------------------------------------- sizes


@pytest.mark.parametrize(
    ("name", "weights"),
    [
        ("digit_network", 81_730),
        ("small_digit_network", 11_716),
        ("recurrent_network", 88_506),
        ("connected_digit_network", 121_795),
        ("command_network", 131_470),
        ("wake_network", 109_398),
    ],
)
def test_networks_have_the_size_that_the_chapters_name(networks, name, weights):
    assert networks[name].count_params() == weights


@pytest.mark.parametrize("name", ["digit_network", "small_digit_network", "recurrent_network"])
def test_networks_give_logits(networks, name):
    logits = networks[name](np.random.default_rng(0).normal(size=(2, *SHAPE)).astype(np.float32))
    assert logits.shape == (2, 10) and np.asarray(logits).min() < 0


def test_the_small_network_is_the_reference_with_fewer_filters(networks):
    small, large = (anatomy(networks[f"{size}digit_network"]) for size in ("small_", ""))
    assert [kind for kind, *_ in small] == [kind for kind, *_ in large]
    filters = [
        (a["filters"], b["filters"]) for (_, a, _), (_, b, _) in zip(small, large) if "filters" in a
    ]
    assert filters == [(10, 24), (12, 32), (18, 48), (24, 64), (32, 96)]
    assert {config["rate"] for _, config, _ in small if "rate" in config} == {0.0}
    assert [config["rate"] for _, config, _ in large if "rate" in config] == [0.1, 0.2]


def test_the_recurrent_network_reads_in_both_directions(networks):
    (layer,) = (
        layer for layer in networks["recurrent_network"].layers if hasattr(layer, "forward_layer")
    )
    assert layer.forward_layer.units == layer.backward_layer.units == 48
    assert isinstance(layer.forward_layer, keras.layers.GRU)


def test_other_shapes_and_classes_can_be_asked_for():
    for build in (models.digit_network, models.recurrent_network):
        model = build(50, 20, n_classes=3)
        assert model.input_shape == (None, 50, 20) and model.output_shape == (None, 3)


@pytest.mark.parametrize(
    ("build", "reason"),
    [
        (lambda: models.digit_network(*SHAPE)(np.zeros((2, 98, 30))), "98, 40.*98, 30"),
        (lambda: models.recurrent_network(*SHAPE)(np.zeros((2, 50, 40))), "98, 40.*50, 40"),
        (lambda: models.connected_digit_network(20)(np.zeros((2, 50, 40))), "20.*50, 40"),
        (lambda: models.digit_network(98, 40, filters=(24, 32)), "expected 5"),
    ],
)
def test_sizes_that_do_not_fit_are_told(build, reason):
    with pytest.raises(ValueError, match=reason):
        build()


# ---------------------------------------------------------------- strings


def test_the_string_network_is_causal_and_takes_any_length(networks):
    model = networks["connected_digit_network"]
    rng = np.random.default_rng(0)
    for n_frames in (4, 37, 100):
        features = rng.normal(size=(2, n_frames, 40)).astype(np.float32)
        logits = keras.ops.convert_to_numpy(model(features, training=False))
        assert logits.shape == (2, n_frames // 4, 11)
    changed = features.copy()
    changed[:, 60:] += 1
    after = keras.ops.convert_to_numpy(model(changed, training=False))
    atol = 1e-5 * np.abs(logits).max()  # before a training logits are small
    np.testing.assert_allclose(after[:, :15], logits[:, :15], atol=atol)
    assert np.abs(after[:, 15] - logits[:, 15]).max() > 1e-3 * np.abs(logits).max()


# ---------------------------------------------------------------- trained ones


def test_there_are_trained_networks():
    assert set(STORED) >= {"digit_network", "small_digit_network", "connected_digit_network"}


@pytest.mark.parametrize("name", STORED)
def test_a_trained_network_is_what_the_function_of_its_name_builds(networks, name):
    stored = load_trained(name)
    assert architecture(stored) == architecture(networks[name])
    assert stored.input_shape == networks[name].input_shape
    json.dumps(stored.get_config())  # nothing in it but plain values
    assert any(np.any(w != b) for w, b in zip(stored.get_weights(), networks[name].get_weights()))


def test_an_unknown_network_is_told_with_those_there_are():
    with pytest.raises(ValueError, match="no trained network 'digits'.*choose command_") as e:
        load_trained("digits")
    assert all(name in str(e.value) for name in STORED)


def test_stored_models_are_those_that_were_measured():
    sums = [line.split("  ") for line in (MODELS_FOLDER / "SHA256SUMS").read_text().splitlines()]
    assert {name for _, name in sums} == {path.name for path in MODELS_FOLDER.glob("*.keras")}
    for expected, name in sums:
        path = MODELS_FOLDER / name
        assert hashlib.sha256(path.read_bytes()).hexdigest() == expected, name
        assert path.stat().st_size <= 900_000
        check_trained(models.load_trained(path.stem))


@pytest.mark.parametrize(
    ("name", "least"), [("digit_network", 0.99), ("small_digit_network", 0.98)]
)
def test_stored_digit_networks_hear(name, least, fsdd):
    test = corpora.official_split(fsdd).test
    logits = models.load_trained(name)(network_input(test.waveforms))
    assert accuracy(test.labels, np.argmax(logits, -1)).value >= least
