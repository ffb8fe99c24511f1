"""Networks that more than one chapter uses (derived in chapters 05, 06 and 08)."""

from collections.abc import Sequence

import course_utils.setup.quiet_tensorflow  # noqa: F401  (before keras)
from course_utils.paths import MODELS_FOLDER

import keras
from keras import layers

__all__ = [
    "connected_digit_network", "digit_network", "load_trained", "recurrent_network",
    "small_digit_network",
]  # fmt: skip


def load_trained(name: str) -> keras.Model:
    """Return a trained network that comes with the course, in `data/models` (chapter 12).

    `name` is that of the function here that builds it. Raises ValueError for another one.
    """
    path = MODELS_FOLDER / f"{name}.keras"
    if not path.is_file():
        known = ", ".join(sorted(path.stem for path in MODELS_FOLDER.glob("*.keras")))
        raise ValueError(f"there is no trained network {name!r} in {path.parent}; choose {known}")
    return keras.models.load_model(path, compile=False)


def _convolution(x, filters: int, size: int = 3, strides: int = 1):
    x = layers.Conv2D(filters, size, strides=strides, padding="same", use_bias=False)(x)
    return layers.ReLU()(layers.BatchNormalization(momentum=0.95)(x))


def digit_network(
    n_frames: int,
    n_bands: int,
    n_classes: int = 10,
    filters: Sequence[int] = (24, 32, 48, 64, 96),
    dropout: float = 0.2,
) -> keras.Model:
    """Return the course's reference network: a small 2-D CNN over time and frequency (chapter 05).

    (clips, n_frames, n_bands), as `features.network_input` makes them, to logits
    (clips, n_classes). Four convolutions, two poolings, a mean over time: 82,000 weights.
    `filters` are those of the five convolutions; chapter 12 makes them fewer. `dropout` is the
    share of numbers that are left out at the end; half that share of whole filters before.
    """
    first, second, third, fourth, last = filters
    features = keras.Input((n_frames, n_bands), name="features")
    x = layers.Reshape((n_frames, n_bands, 1))(features)
    x = _convolution(x, first, size=5, strides=2)
    x = _convolution(x, second)
    x = layers.MaxPooling2D(2, padding="same")(x)
    x = _convolution(x, third)
    x = layers.MaxPooling2D(2, padding="same")(x)
    x = _convolution(x, fourth)
    x = layers.SpatialDropout2D(dropout / 2)(x)
    x = layers.Reshape((x.shape[1], x.shape[2] * x.shape[3]))(x)
    x = layers.Conv1D(last, 1, use_bias=False)(x)
    x = layers.ReLU()(layers.BatchNormalization(momentum=0.95)(x))
    x = layers.GlobalAveragePooling1D()(x)
    x = layers.Dropout(dropout)(x)
    return keras.Model(features, layers.Dense(n_classes, name="logits")(x), name="digit_network")


def small_digit_network(n_frames: int, n_bands: int, n_classes: int = 10) -> keras.Model:
    """Return the reference network with three eighths of its filters, 12,000 weights (chapter 12).

    With so few weights it needs no dropout, and a longer training: 45 epochs.
    """
    filters = (10, 12, 18, 24, 32)
    return digit_network(n_frames, n_bands, n_classes, filters, dropout=0.0)


def recurrent_network(n_frames: int, n_bands: int, n_classes: int = 10) -> keras.Model:
    """Return two convolutions, a bidirectional GRU and a mean over time (chapter 06).

    (clips, n_frames, n_bands), as `features.network_input` makes them, to logits
    (clips, n_classes): 89,000 weights.
    """
    features = keras.Input((n_frames, n_bands), name="features")
    x = layers.Reshape((n_frames, n_bands, 1))(features)
    x = _convolution(x, 16, size=5, strides=2)
    x = _convolution(x, 24, strides=2)
    x = layers.Reshape((x.shape[1], x.shape[2] * x.shape[3]))(x)
    x = layers.Bidirectional(layers.GRU(48, return_sequences=True))(x)
    x = layers.GlobalAveragePooling1D()(x)
    x = layers.Dropout(0.2)(x)
    logits = layers.Dense(n_classes, name="logits")(x)
    return keras.Model(features, logits, name="recurrent_network")


def connected_digit_network(
    n_bands: int = 40, n_symbols: int = 11, width: int = 96, filters: Sequence[int] = (24, 40, 56)
) -> keras.Model:
    """Return the causal network that reads strings of digits (chapter 08).

    (clips, frames, n_bands), as `connected_digit_features` makes them, to logits (clips,
    frames // 4, n_symbols). Three convolutions of `filters` over time and frequency, then three
    over time, each of `width` channels by itself. Output t depends on frames 0 to 4 t + 3 alone.
    """

    def normalise(x):
        return layers.ReLU()(layers.BatchNormalization(momentum=0.95)(x))

    def convolution(x, filters: int, size: int, strides: tuple[int, int]):
        x = layers.ZeroPadding2D(((size - strides[0], 0), (size // 2, size // 2)))(x)
        return normalise(layers.Conv2D(filters, size, strides=strides, use_bias=False)(x))

    features = keras.Input((None, n_bands), name="features")
    x = layers.Reshape((-1, n_bands, 1))(features)
    for number, size, strides in zip(filters, (5, 3, 3), ((2, 2), (2, 2), (1, 2)), strict=True):
        x = convolution(x, number, size, strides)
    x = layers.Reshape((-1, x.shape[2] * x.shape[3]))(x)
    x = normalise(layers.Conv1D(width, 1, use_bias=False)(x))
    for _ in range(3):
        x = layers.ZeroPadding1D((8, 0))(x)
        x = layers.DepthwiseConv1D(9, use_bias=False)(x)
        x = normalise(layers.Conv1D(width, 1, use_bias=False)(x))
    x = layers.Dropout(0.1)(x)
    logits = layers.Dense(n_symbols, name="logits")(x)
    return keras.Model(features, logits, name="connected_digit_network")
