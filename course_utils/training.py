"""Seeds, and fitting with a progress bar (chapter 04)."""

from __future__ import annotations

import time

import course_utils.quiet_tensorflow  # noqa: F401  (before keras)

# isort: split
import keras
import numpy as np
from tqdm.auto import tqdm


def set_seed(seed: int) -> None:
    """Seed Python, NumPy and Keras, so that a run can be repeated on one machine."""
    keras.utils.set_random_seed(seed)


class Progress(keras.callbacks.Callback):
    """One progress bar for the whole training: loss, accuracy and time left."""

    def on_train_begin(self, logs=None):
        self.bar = tqdm(total=self.params["epochs"], unit="epoch", desc="training")

    def on_epoch_end(self, epoch, logs=None):
        self.bar.set_postfix({name: f"{value:.3f}" for name, value in (logs or {}).items()})
        self.bar.update()

    def on_train_end(self, logs=None):
        self.bar.close()


class TimeBudget(keras.callbacks.Callback):
    """Stop after the epoch in which `seconds` have passed: a slow laptop still gets a model."""

    def __init__(self, seconds: float):
        super().__init__()
        self.seconds = seconds

    def on_train_begin(self, logs=None):
        self.start = time.monotonic()

    def on_epoch_end(self, epoch, logs=None):
        if time.monotonic() - self.start > self.seconds:
            self.model.stop_training = True


def check_data(features: np.ndarray, labels: np.ndarray, n_classes: int) -> None:
    """Refuse data that would train without a word and be wrong.

    Raises ValueError: different numbers of clips and labels, no clip, one class, labels
    outside 0 … n_classes - 1, NaN or infinite features.
    """
    features, labels = np.asarray(features), np.asarray(labels)
    if len(features) == 0:
        raise ValueError(f"no clip to train on: features have the shape {features.shape}")
    if labels.shape != (len(features),):
        raise ValueError(f"labels of shape ({len(features)},) expected, given {labels.shape}")
    if labels.min() < 0 or labels.max() >= n_classes:
        raise ValueError(
            f"labels must lie in 0 … {n_classes - 1}; given {labels.min()} … {labels.max()}"
        )
    if len(np.unique(labels)) < 2:
        raise ValueError(f"every clip has the label {labels[0]}: there is nothing to tell apart")
    if not np.isfinite(features).all():
        raise ValueError("features hold NaN or infinite values: look for silence under a logarithm")
