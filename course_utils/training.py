"""Seeds, and fitting with a progress bar (chapter 04)."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import course_utils.start_tensorflow  # noqa: F401  (before keras)
from course_utils.augmentation import Spectra, augment, mixup

import keras
import numpy as np
from tqdm.auto import tqdm

SMOOTHED_CROSS_ENTROPY = keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=0.1)


def set_seed(seed: int) -> None:
    """Seed Python, NumPy and Keras, so that a run can be repeated on one machine."""
    keras.utils.set_random_seed(seed)


class Progress(keras.callbacks.Callback):
    """One progress bar for the whole training: loss, accuracy and time left."""

    def on_train_begin(self, logs=None):
        self.bar = tqdm(total=self.params["epochs"], unit="epoch", desc="training")

    def on_epoch_end(self, epoch, logs=None):
        short = {name.replace("accuracy", "acc"): value for name, value in (logs or {}).items()}
        self.bar.set_postfix({name: f"{value:.3f}" for name, value in short.items()})
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

    Raises ValueError: features of the wrong rank, no clip, different numbers of clips and
    labels, one class, labels outside 0 … n_classes - 1, NaN or infinite features.
    """
    features, labels = np.asarray(features), np.asarray(labels)
    if features.ndim != 3:
        raise ValueError(
            f"features of shape (clips, frames, bands) expected, given {features.shape}"
        )
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


class AugmentedClips(keras.utils.PyDataset):
    """Batches for `fit`: each epoch a fresh augmented copy of every clip, then mixup (chapter 04).

    Parameters
    ----------
    spectra : of the clips to train on, from `augmentation.spectra_of`
    labels : (clips,) int
    extra : spectra and labels of further clips, such as synthetic voices; each epoch draws
        half as many of them as there are clips
    switches : passed on to `augmentation.augment`; ``mix=False`` leaves mixup out
    """

    def __init__(
        self,
        spectra: Spectra,
        labels: np.ndarray,
        seed: int,
        extra: tuple[Spectra, np.ndarray] | None = None,
        batch_size: int = 64,
        mix: bool = True,
        n_classes: int = 10,
        **switches: bool,
    ):
        super().__init__()
        check_data(spectra.power, labels, n_classes)
        self.spectra, self.labels, self.extra = spectra, np.asarray(labels), extra
        self.rng, self.batch_size, self.mix = np.random.default_rng(seed), batch_size, mix
        self.n_classes, self.switches = n_classes, switches
        self.n_extra = len(labels) // 2 if extra else 0
        self.pool, self.following = ThreadPoolExecutor(max_workers=1), None
        self.features, self.targets = self.draw()

    def draw(self) -> tuple[np.ndarray, np.ndarray]:
        """Augment all clips anew and shuffle them."""
        features, labels = augment(self.spectra, self.rng, **self.switches), self.labels
        if self.extra:
            spectra, extra_labels = self.extra
            replace = self.n_extra > len(extra_labels)
            pick = self.rng.choice(len(extra_labels), self.n_extra, replace=replace)
            more = augment(spectra.select(pick), self.rng, **self.switches)
            features = np.concatenate([features, more])
            labels = np.concatenate([labels, extra_labels[pick]])
        targets = np.eye(self.n_classes, dtype=np.float32)[labels]
        if self.mix:
            features, targets = mixup(features, targets, self.rng)
        order = self.rng.permutation(len(features))
        return features[order], targets[order]

    def __len__(self) -> int:
        return (len(self.labels) + self.n_extra) // self.batch_size

    def __getitem__(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        batch = slice(index * self.batch_size, (index + 1) * self.batch_size)
        return self.features[batch], self.targets[batch]

    def on_epoch_begin(self) -> None:
        """Draw the next epoch beside this one: a fifth of the time is saved on two cores."""
        self.following = self.pool.submit(self.draw)

    def on_epoch_end(self) -> None:
        if self.following is None:  # Keras also calls this before the first epoch
            self.on_epoch_begin()
        self.features, self.targets = self.following.result()
        self.following = None


class _Handle(keras.utils.PyDataset):
    """What Keras is given for the clips of one training, to be let go afterwards.

    TensorFlow keeps every dataset that it has seen for as long as Python runs (a `Graph` holds
    the generator that Keras makes of it): a hundred megabytes for each training.
    """

    def __init__(self, clips: keras.utils.PyDataset):
        super().__init__()
        self.clips = clips

    def __len__(self) -> int:
        return len(self.clips)

    def __getitem__(self, index: int):
        return self.clips[index]

    def on_epoch_begin(self) -> None:
        self.clips.on_epoch_begin()

    def on_epoch_end(self) -> None:
        self.clips.on_epoch_end()


def train(
    model: keras.Model,
    clips: keras.utils.PyDataset,
    epochs: int = 20,
    peak_rate: float = 3e-3,
    loss: Callable = SMOOTHED_CROSS_ENTROPY,
    metrics: Sequence[str] = ("accuracy",),
    progress: bool = True,
    callbacks: Sequence[keras.callbacks.Callback] = (),
    **fit_arguments,
) -> keras.callbacks.History:
    """Compile once and train a network that gives logits (chapter 04).

    AdamW with a learning rate that rises for a tenth of the steps and then falls along a
    cosine; cross-entropy with label smoothing. Validation data has one-hot targets. With
    ``loss=ctc.ctc_loss, metrics=()`` it learns strings (chapter 07), and with
    ``callbacks=[TimeBudget(30)]`` it stops after the epoch in which 30 s have passed.
    """
    steps = epochs * len(clips)
    schedule = keras.optimizers.schedules.CosineDecay(
        peak_rate / 10, steps - steps // 10, warmup_target=peak_rate, warmup_steps=steps // 10
    )
    model.compile(
        optimizer=keras.optimizers.AdamW(schedule, weight_decay=1e-3, global_clipnorm=5.0),
        loss=loss,
        metrics=list(metrics),
        jit_compile=False,  # XLA makes convolutions slower on a CPU
    )
    callbacks = [*callbacks, Progress()] if progress else [*callbacks]
    handle = _Handle(clips)
    try:
        return model.fit(handle, epochs=epochs, verbose=0, callbacks=callbacks, **fit_arguments)
    finally:
        handle.clips = None


def predict(model: keras.Model, features: np.ndarray) -> np.ndarray:
    """Return the probability of each class: (clips, classes), from a model that gives logits."""
    logits = model.predict(features, batch_size=256, verbose=0)
    return keras.ops.convert_to_numpy(keras.ops.softmax(logits))
