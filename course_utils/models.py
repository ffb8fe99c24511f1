"""Networks that more than one chapter uses (derived in chapter 04)."""

from __future__ import annotations

import course_utils.quiet_tensorflow  # noqa: F401  (before keras)

import keras
from keras import layers


def digit_network(n_frames: int, n_bands: int, n_classes: int = 10) -> keras.Model:
    """Return the course's reference network: a small 2-D CNN over time and frequency (chapter 04).

    (clips, n_frames, n_bands), as `features.network_input` makes them, to logits
    (clips, n_classes). Four convolutions, two poolings, a mean over time: 82,000 weights.
    """

    def convolution(x, filters: int, size: int = 3, strides: int = 1):
        x = layers.Conv2D(filters, size, strides=strides, padding="same", use_bias=False)(x)
        return layers.ReLU()(layers.BatchNormalization(momentum=0.95)(x))

    features = keras.Input((n_frames, n_bands), name="features")
    x = layers.Reshape((n_frames, n_bands, 1))(features)
    x = convolution(x, 24, size=5, strides=2)
    x = convolution(x, 32)
    x = layers.MaxPooling2D(2, padding="same")(x)
    x = convolution(x, 48)
    x = layers.MaxPooling2D(2, padding="same")(x)
    x = convolution(x, 64)
    x = layers.SpatialDropout2D(0.1)(x)
    x = layers.Reshape((x.shape[1], x.shape[2] * x.shape[3]))(x)
    x = layers.Conv1D(96, 1, use_bias=False)(x)
    x = layers.ReLU()(layers.BatchNormalization(momentum=0.95)(x))
    x = layers.GlobalAveragePooling1D()(x)
    x = layers.Dropout(0.2)(x)
    return keras.Model(features, layers.Dense(n_classes, name="logits")(x), name="digit_network")


def recurrent_network(n_frames: int, n_bands: int, n_classes: int = 10) -> keras.Model:
    """Return two convolutions, a bidirectional GRU and a mean over time (chapter 05).

    (clips, n_frames, n_bands), as `features.network_input` makes them, to logits
    (clips, n_classes): 89,000 weights.
    """

    def convolution(x, filters: int, size: int):
        x = layers.Conv2D(filters, size, strides=2, padding="same", use_bias=False)(x)
        return layers.ReLU()(layers.BatchNormalization(momentum=0.95)(x))

    features = keras.Input((n_frames, n_bands), name="features")
    x = layers.Reshape((n_frames, n_bands, 1))(features)
    x = convolution(x, 16, size=5)
    x = convolution(x, 24, size=3)
    x = layers.Reshape((x.shape[1], x.shape[2] * x.shape[3]))(x)
    x = layers.Bidirectional(layers.GRU(48, return_sequences=True))(x)
    x = layers.GlobalAveragePooling1D()(x)
    x = layers.Dropout(0.2)(x)
    return keras.Model(
        features, layers.Dense(n_classes, name="logits")(x), name="recurrent_network"
    )
