"""Seeds, and fitting with a progress bar (chapter 05)."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

import course_utils.setup.quiet_tensorflow  # noqa: F401  (before keras)
from course_utils.augmentation import AUGMENTATION, Augmentation, Spectra, augment, mixup
from course_utils.setup.fused_normalisation import fused_normalisation

import keras
import numpy as np
from tqdm.auto import tqdm

__all__ = [
    "SMOOTHED_CROSS_ENTROPY", "AugmentedClips", "Clips", "Progress", "check_data",
    "check_same_front_end", "predict", "set_seed", "train",
]  # fmt: skip

Batch = tuple[np.ndarray, np.ndarray]  # features and targets
SMOOTHED_CROSS_ENTROPY = keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=0.1)


def set_seed(seed: int) -> None:
    """Seed Python, NumPy and Keras, so that a run can be repeated on one machine."""
    keras.utils.set_random_seed(seed)


class Progress(keras.callbacks.Callback):
    """One progress bar for the whole training: loss, accuracy and time left."""

    def on_train_begin(self, logs=None):
        self.bar = tqdm(total=self.params["epochs"], unit="epoch", desc="training")

    def on_epoch_end(self, epoch, logs=None):
        self.bar.set_postfix({k.replace("accuracy", "acc"): f"{v:.3f}" for k, v in logs.items()})
        self.bar.update()

    def on_train_end(self, logs=None):
        self.bar.close()


def check_data(features: np.ndarray, labels: np.ndarray, n_classes: int) -> None:
    """Refuse, with ValueError, data that would train without a complaint and be wrong."""
    problem = ""
    if features.ndim != 3 or len(features) == 0:
        problem = f"features of shape (clips, frames, bands) expected, given {features.shape}"
    elif labels.shape != (len(features),):
        problem = f"labels of shape ({len(features)},) expected, given {labels.shape}"
    elif labels.min() < 0 or labels.max() >= n_classes:
        problem = f"labels must lie in 0 … {n_classes - 1}; given {labels.min()} … {labels.max()}"
    elif len(np.unique(labels)) < 2:
        problem = f"every clip has the label {labels[0]}: there is nothing to tell apart"
    elif not np.isfinite(features).all():
        problem = "features hold NaN or infinite values: look for silence under a logarithm"
    if problem:
        raise ValueError(problem)


class Clips(Protocol):
    """What `train` learns from: `draw` gives the batches of the next epoch, `len` their number."""

    def __len__(self) -> int: ...
    def draw(self) -> list[Batch]: ...


class AugmentedClips:
    """Each epoch a fresh augmented copy of every clip, then mixup (chapter 05).

    spectra : of the clips to train on, from `augmentation.spectra_of`
    extra : of further clips, such as synthetic voices; each epoch draws half as many of them

    Raises ValueError for data that `check_data` refuses, or `extra` of another front end.
    """

    def __init__(
        self,
        spectra: Spectra,
        seed: int,
        extra: Spectra | None = None,
        augmentation: Augmentation = AUGMENTATION,
        batch_size: int = 64,
        n_classes: int = 10,
    ):
        check_data(spectra.power, spectra.labels, n_classes)
        check_same_front_end(spectra, extra)
        self.spectra, self.extra, self.augmentation = spectra, extra, augmentation
        self.rng = np.random.default_rng(seed)
        self.batch_size, self.n_classes = min(batch_size, len(spectra)), n_classes
        self.n_extra = len(spectra) // 2 if extra else 0

    def __len__(self) -> int:
        return (len(self.spectra) + self.n_extra) // self.batch_size

    def draw(self) -> list[Batch]:
        """Augment all clips anew, shuffle them, and cut them into batches of one size."""
        features, labels = augment(self.spectra, self.rng, self.augmentation), self.spectra.labels
        if extra := self.extra:
            pick = self.rng.choice(len(extra), self.n_extra, replace=self.n_extra > len(extra))
            more = augment(extra.select(pick), self.rng, self.augmentation)
            features = np.concatenate([features, more])
            labels = np.concatenate([labels, extra.labels[pick]])
        targets = np.eye(self.n_classes, dtype=np.float32)[labels]
        features, targets = mixup(features, targets, self.rng, self.augmentation.mixup)
        order = self.rng.permutation(len(features))[: len(self) * self.batch_size]
        return [(features[batch], targets[batch]) for batch in np.split(order, len(self))]


def check_same_front_end(spectra: Spectra, extra: Spectra | None) -> None:
    """Refuse spectra to learn from that two different front ends have made."""
    if extra and extra.front_end != spectra.front_end:
        raise ValueError(
            f"the clips were made by {spectra.front_end}, the extra ones by {extra.front_end}: "
            "make both with spectra_of(corpus, front_end), with the same front end"
        )


def learning_rates(epochs: int, batches: int, peak_rate: float):
    """Learning rate of each step: up for a tenth of the steps, then down along a cosine."""
    steps = epochs * batches
    return keras.optimizers.schedules.CosineDecay(
        peak_rate / 10, steps - steps // 10, warmup_target=peak_rate, warmup_steps=steps // 10
    )


def train(
    model: keras.Model,
    clips: Clips,
    epochs: int = 20,
    peak_rate: float = 3e-3,
    loss: Callable = SMOOTHED_CROSS_ENTROPY,
    metrics: Sequence[str] = ("accuracy",),
    progress: bool = True,
    validation: Batch | None = None,
    callbacks: Sequence[keras.callbacks.Callback] = (),
) -> dict[str, list[float]]:
    """Compile once and train a network that gives logits (chapter 05).

    AdamW with the `learning_rates`; cross-entropy with label smoothing. Validation data, one
    batch, has one-hot targets. With ``loss=ctc.ctc_loss, metrics=()`` it learns strings
    (chapter 08). Returns the loss and the metrics of each epoch, of the validation as ``val_…``.
    """
    rate_of = learning_rates(epochs, len(clips), peak_rate)
    model.compile(
        optimizer=keras.optimizers.AdamW(peak_rate, weight_decay=1e-3, global_clipnorm=5.0),
        loss=loss,
        metrics=list(metrics),
        jit_compile=False,  # XLA makes convolutions slower on a CPU
    )
    model.optimizer.build(model.trainable_variables)  # else the first step is traced twice
    told = [*callbacks, *([Progress()] if progress else [])]
    listeners = keras.callbacks.CallbackList(told, model=model, epochs=epochs)
    history: dict[str, list[float]] = {}
    with ThreadPoolExecutor(1) as beside, fused_normalisation(model):  # draws while it trains
        following = beside.submit(clips.draw)
        listeners.on_train_begin()
        for epoch in range(epochs):
            listeners.on_epoch_begin(epoch)
            batches = following.result()
            if epoch + 1 < epochs:
                following = beside.submit(clips.draw)
            steps, sizes = [], [len(features) for features, _ in batches]
            if metrics and epoch == 0:  # builds them, for the same reason
                model.compute_metrics(None, batches[0][1], batches[0][1])
            for step, (features, targets) in enumerate(batches):
                model.optimizer.learning_rate = rate_of(epoch * len(batches) + step)
                steps.append(model.train_on_batch(features, targets, return_dict=True))
                listeners.on_train_batch_end(step, steps[-1])
            logs = {name: np.average([s[name] for s in steps], weights=sizes) for name in steps[0]}
            if validation:
                found = model.test_on_batch(*validation, return_dict=True)
                logs |= {f"val_{name}": value for name, value in found.items()}
            for name, value in logs.items():
                history.setdefault(name, []).append(float(value))
            listeners.on_epoch_end(epoch, logs)
            if model.stop_training:
                break
        listeners.on_train_end()
    return history


def predict(model: keras.Model, features: np.ndarray) -> np.ndarray:
    """Return the probability of each class: (clips, classes), from a model that gives logits."""
    parts = np.split(features, range(256, len(features), 256))
    logits = np.concatenate([model.predict_on_batch(part) for part in parts])
    return keras.ops.convert_to_numpy(keras.ops.softmax(logits))
