"""A network in NumPy, on as many frames as there are: equal to Keras, or refused by name."""

from course_utils import models
from course_utils.connected_digits import STRIDE, connected_digit_features
from course_utils.serving.step_network import LayerError, StepNetwork

import keras
import numpy as np
import pytest
from keras import layers
from streams import NETWORKS, offline_logits, other_network, randomise


@pytest.fixture(scope="module", params=NETWORKS)
def model(request, waveform):
    return randomise(NETWORKS[request.param], waveform)


@pytest.mark.parametrize("size", [1, 3, 7, 1000])
def test_steps_equal_the_whole(model, waveform, size):
    features, network = connected_digit_features(waveform), StepNetwork(model)
    states, logits = network.start, []
    for start in range(0, len(features), size):
        states, new = network.step(states, features[start : start + size])
        logits.append(new)
    offline = offline_logits(model, waveform)
    np.testing.assert_allclose(np.concatenate(logits), offline, atol=1e-4)


def test_the_states_that_are_given_stay_as_they_are(model, waveform):
    features, network = connected_digit_features(waveform), StepNetwork(model)
    states, _ = network.step(network.start, features[:50])
    kept = [state.copy() for state in states]
    _, first = network.step(states, features[50:90])
    _, second = network.step(states, features[50:90])
    np.testing.assert_array_equal(first, second)
    for state, copy in zip(states, kept, strict=True):
        np.testing.assert_array_equal(state, copy)


def test_frames_to_the_first_output():
    network = StepNetwork(models.connected_digit_network())
    assert (network.first, network.stride) == (4, STRIDE)
    assert (StepNetwork(other_network()).first, StepNetwork(other_network()).stride) == (1, 6)


def one_layer(make):
    features = keras.Input((None, 40))
    return keras.Model(features, make(features))


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda x: layers.GRU(11, return_sequences=True, name="odd")(x), "no step for it"),
        (lambda x: layers.MaxPooling1D(2, name="odd")(x), "no step for it"),
        (lambda x: layers.BatchNormalization(name="odd")(x), "no step for it"),
        (lambda x: layers.ReLU(max_value=6, name="odd")(x), "no step for it"),
        (lambda x: layers.Reshape((-1, 80), name="odd")(x), "no step for it"),
        (lambda x: layers.Conv1D(11, 3, padding="same", name="odd")(x), "looks ahead"),
        (lambda x: layers.ZeroPadding1D((1, 1), name="odd")(x), "after the last frame"),
        (lambda x: layers.Conv1D(11, 2, strides=3, name="odd")(x), "stride"),
        (lambda x: layers.Conv1D(20, 2, groups=2, name="odd")(x), "must be 1"),
        (lambda x: layers.DepthwiseConv1D(2, depth_multiplier=2, name="odd")(x), "must be 1"),
        (lambda x: layers.Dense(11, activation="relu", name="odd")(x), "activation"),
        (lambda x: layers.Add(name="odd")([layers.Dense(40)(x), x]), "one layer after the other"),
        (lambda x: layers.Dense(11, name="odd")(layers.Dense(40)(x) * 2), "one layer after"),
    ],
)
def test_a_layer_that_cannot_be_streamed_is_named(make, reason):
    with pytest.raises(LayerError, match=f"'odd'.*{reason}"):
        StepNetwork(one_layer(make))


def test_outputs_at_uneven_steps_are_refused():
    def make(x):
        return layers.Conv1D(11, 3, strides=2)(layers.ZeroPadding1D((3, 0))(x))

    with pytest.raises(LayerError, match="as many zeros as its kernel"):
        StepNetwork(one_layer(make))


def test_operations_after_the_last_layer_are_refused():
    with pytest.raises(LayerError, match="one layer after the other"):
        StepNetwork(one_layer(lambda x: layers.Dense(11)(x) * 2))


def test_a_network_that_looks_ahead_is_refused():
    with pytest.raises(LayerError, match="looks ahead"):
        StepNetwork(models.digit_network(98, 40))
