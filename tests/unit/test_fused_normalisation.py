"""Batch normalisation in one operation: the same as Keras's own, and only while it is asked for."""

import contextlib
import copy

from course_utils import models
from course_utils.setup.fused_normalisation import (
    can_be_fused,
    fused_normalisation,
    layers_within,
)

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

SHAPES = {"(clips, frames, bands, filters)": (7, 9, 5, 12), "(clips, frames, filters)": (6, 11, 3)}


def normalisation(shape, **how):
    """A network of one batch normalisation, none of whose numbers is what it begins with."""
    rng = np.random.default_rng(3)
    model = keras.Sequential(
        [keras.Input(shape[1:]), layers.BatchNormalization(momentum=0.9, **how)]
    )
    model.set_weights([rng.uniform(0.5, 2, weight.shape) for weight in model.weights])
    return model


def trained(model, x, pull):
    """Outputs, all gradients and the moving numbers of one call in training."""
    with tf.GradientTape() as tape:
        tape.watch(x)
        outputs = tf.function(lambda x: model(x, training=True))(x)
        loss = tf.reduce_sum(pull * outputs)
    gradients = tape.gradient(loss, [x, *(v.value for v in model.trainable_variables)])
    return [outputs, *gradients, *(v.value for v in model.non_trainable_variables)]


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES.keys())
def test_it_computes_what_keras_computes(shape):
    rng = np.random.default_rng(0)
    x = tf.constant(rng.normal(2, 3, shape), tf.float32)
    pull = tf.constant(rng.normal(size=shape), tf.float32)
    expected = trained(normalisation(shape), x, pull)
    model = normalisation(shape)
    with fused_normalisation(model):
        found = trained(model, x, pull)
        graph = tf.function(lambda x: model(x, training=True)).get_concrete_function(x)
        assert any("FusedBatchNorm" in op.type for op in graph.graph.get_operations())
    assert len(found) == 6
    for a, b in zip(found, expected, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-4)
    by_hand = 0.1 * np.var(x, axis=tuple(range(len(shape) - 1)), dtype=float)
    start = 0.9 * normalisation(shape).non_trainable_variables[1].numpy()
    np.testing.assert_allclose(found[-1], start + by_hand, rtol=1e-4)  # divided by n


def test_without_training_and_after_the_block_it_is_kerass():
    x = np.random.default_rng(0).normal(size=(4, 98, 40)).astype(np.float32)
    model = models.digit_network(98, 40)
    plain, weights = model(x, training=False).numpy(), copy.deepcopy(model.get_weights())
    with fused_normalisation(model):
        assert sum("call" in vars(layer) for layer in model.layers) == 5
        np.testing.assert_array_equal(model(x, training=False), plain)
    assert not any("call" in vars(layer) for layer in model.layers)
    with pytest.raises(ZeroDivisionError), fused_normalisation(model):
        1 / 0  # noqa: B018
    assert not any("call" in vars(layer) for layer in model.layers)
    for a, b in zip(model.get_weights(), weights, strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize(
    "how",
    [{"scale": False}, {"center": False}, {"axis": 1}, {"dtype": "mixed_float16"}],
    ids=str,
)
def test_what_the_operation_cannot_do_stays_as_it_is(how):
    model = normalisation((4, 6, 5, 3), **how)
    assert not can_be_fused(model.layers[0])
    assert can_be_fused(normalisation((4, 6, 5, 3)).layers[0])


def test_a_frozen_layer_and_one_within_a_network_within():
    inner = models.digit_network(98, 40)
    inner.layers[3].trainable = False
    frames = keras.Input((98, 40))
    model = keras.Model(frames, layers.Dense(2)(inner(frames)))
    with fused_normalisation(model):
        assert sum("call" in vars(layer) for layer in inner.layers) == 4


def test_a_mask_is_not_forgotten():
    shape = (4, 6, 3)
    x = tf.constant(np.random.default_rng(1).normal(size=shape), tf.float32)
    mask = tf.constant(np.arange(6) < 4) & tf.ones((4, 1), bool)
    expected = normalisation(shape).layers[0](x, training=True, mask=mask)
    model = normalisation(shape)
    with fused_normalisation(model):
        found = model.layers[0](x, training=True, mask=mask)
    np.testing.assert_allclose(found, expected, rtol=1e-5)


@pytest.mark.slow
def test_a_training_uses_it_and_learns_what_keras_learns(monkeypatch):
    """Three steps with and without it: the same weights, but for rounding."""
    from course_utils import training

    class Three:
        def __len__(self):
            return 3

        def draw(self):
            rng = np.random.default_rng(0)
            x = rng.normal(size=(3, 16, 98, 40)).astype(np.float32)
            return list(zip(x, np.eye(10, dtype=np.float32)[rng.integers(10, size=(3, 16))]))

    class Watch(keras.callbacks.Callback):
        seen = 0

        def on_train_batch_end(self, batch, logs=None):
            self.seen += any("call" in vars(layer) for layer in self.model.layers)

    found = []
    for used in (True, False):
        if not used:
            monkeypatch.setattr(training, "fused_normalisation", contextlib.nullcontext)
        training.set_seed(0)
        model, watch = models.digit_network(98, 40, dropout=0.0), Watch()
        training.train(model, Three(), epochs=1, progress=False, callbacks=[watch])
        assert watch.seen == (3 if used else 0)
        found.append(model.get_weights())
    for a, b in zip(*found, strict=True):
        np.testing.assert_allclose(a, b, atol=2e-3)


def test_layers_of_a_model_within_a_model_are_found():
    inner = normalisation((4, 6, 5, 3))
    outer = keras.Sequential([keras.Input(inner.input_shape[1:]), keras.layers.ReLU(), inner])
    assert inner.layers[0] in [*layers_within(outer)]
    plain = inner.layers[0].call
    with fused_normalisation(outer):
        assert inner.layers[0].call is not plain and "call" in vars(inner.layers[0])
    assert "call" not in vars(inner.layers[0])
