"""Networks and sounds that the tests of streaming share: random weights, tones for digits."""

from course_utils import connected_digits, models

import keras
import numpy as np
from keras import layers

RATE = 8000
CUTS = {
    "single samples": 1,
    "1 ms": 8,
    "7 ms": 56,
    "80 samples": 80,
    "100 ms": 800,
    "all at once": None,
    "random": "random",
    "with empty pieces": "empty",
}


def cut(waveform, how):
    """Cut a waveform into pieces in one of the ways of CUTS."""
    if how in ("random", "empty"):
        rng = np.random.default_rng(3)
        at = np.sort(rng.integers(0, len(waveform), 40))
        return np.split(waveform, np.repeat(at, 2) if how == "empty" else at)
    size = how or len(waveform)
    return [waveform[i : i + size] for i in range(0, len(waveform), size)]


def randomise(build, waveform):
    """Build a network with random weights, that reads each symbol now and then."""
    keras.utils.set_random_seed(0)
    model = build()
    rng = np.random.default_rng(0)
    for layer in model.layers:
        for weight in layer.weights if isinstance(layer, layers.BatchNormalization) else ():
            lowest = 0.5 if weight.name in ("gamma", "moving_variance") else 0.0
            weight.assign(rng.uniform(lowest, lowest + 0.5, weight.shape))
    logits = offline_logits(model, waveform)
    scale = 3 / logits.std(axis=0)
    layer.set_weights([layer.kernel * scale, -scale * logits.mean(axis=0)])
    return model


def offline_logits(model, waveform):
    """Return what Keras says of the whole clip: (outputs, symbols)."""
    return keras.ops.convert_to_numpy(
        model(connected_digits.connected_digit_features(waveform)[None])
    )[0]


def other_network():
    """Return a network with what the course's has not: causal padding, dilation, biases."""
    x = features = keras.Input((None, 40))
    x = layers.Conv1D(24, 4, strides=3, padding="causal")(x)
    x = layers.ReLU()(layers.BatchNormalization(scale=False)(x))
    x = layers.DepthwiseConv1D(3, dilation_rate=2)(layers.ZeroPadding1D((4, 0))(x))
    x = layers.SpatialDropout1D(0.5)(x)
    x = layers.ReLU()(layers.BatchNormalization(center=False)(x))
    x = layers.Reshape((-1, 6, 4))(x)
    x = layers.ZeroPadding2D(((2, 0), (0, 2)))(x)
    x = layers.DepthwiseConv2D((3, 4), strides=2)(x)
    x = layers.ReLU()(layers.BatchNormalization()(x))
    x = layers.Reshape((-1, 12))(x)
    return keras.Model(features, layers.Dense(11)(x))


NETWORKS = {
    "connected_digit_network": models.connected_digit_network,
    "other": other_network,
}


def tone_network():
    """Return a network that reads digit d where there is a tone in the mel band 4 d + 2."""
    features = keras.Input((None, 40))
    model = keras.Model(features, layers.Conv1D(11, 4, strides=4)(features))
    kernel, bias = np.zeros((4, 40, 11)), np.full(11, -8.0)
    kernel[:, np.arange(2, 40, 4), np.arange(10)] = 2.0
    bias[connected_digits.BLANK] = 8.0
    model.set_weights([kernel, bias])
    return model


def beep(digits, spans, seconds, noise=0.0, seed=0):
    """Beep digits at spans (words, 2) in seconds: a waveform."""
    time = np.arange(round(seconds * RATE)) / RATE
    edges = 700 * (
        10 ** (np.linspace(*(2595 * np.log10(1 + np.array([50, 4000]) / 700)), 42) / 2595) - 1
    )
    waveform = np.random.default_rng(seed).normal(0, noise, len(time)) if noise else 0 * time
    for digit, (start, end) in zip(digits, spans):
        inside = (time >= start) & (time < end)
        waveform += 0.3 * inside * np.sin(2 * np.pi * edges[4 * digit + 3] * time)
    return waveform.astype(np.float32)


SPANS = [(0.5, 0.8), (0.9, 1.2), (1.4, 1.6), (2.9, 3.2), (3.4, 3.6)]
DIGITS = [3, 3, 7, 9, 1]
