"""Ideas that were tried once, each against a recipe of chapter 05 or 08; kept only in a row.

Each is an `Idea` of data/recipes.py, and `RECIPES` has the recipes that hold one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from course_utils import connected_digits, ctc, metrics
from course_utils.augmentation import Spectra
from course_utils.connected_digits import BLANK, STRIDE
from course_utils.corpora import Corpus
from course_utils.ctc import ConnectedDigitClips
from course_utils.training import AugmentedClips
from data import recipes
from data.recipes import DIGITS, Idea, Recipe

import keras
import numpy as np
import soxr
from scipy.interpolate import make_interp_spline


@dataclass(frozen=True)
class VarianceNormalised(Idea):
    """Each band of each clip divided by its deviation over time."""

    least: float = 1e-3  # added to a deviation

    def network(self, model: keras.Model) -> keras.Model:
        inputs = keras.Input(model.input_shape[1:])
        deviation = keras.ops.std(inputs, axis=1, keepdims=True)
        return keras.Model(inputs, model(inputs / (deviation + self.least)))


@dataclass(frozen=True)
class ThreeSpeeds(Idea):
    """Every clip as it is, and played faster and slower (Ko and others 2015)."""

    speeds: tuple[float, ...] = (1.0, 0.9, 1.1)

    def corpus(self, corpus: Corpus) -> Corpus:
        waveforms = [
            soxr.resample(waveform, speed * corpus.sample_rate, corpus.sample_rate)
            for speed in self.speeds
            for waveform in corpus.waveforms
        ]
        repeated = corpus.select(np.tile(np.arange(len(corpus)), len(self.speeds)))
        return replace(repeated, waveforms=tuple(waveforms))


@dataclass(frozen=True)
class RandomFilters(Idea):
    """Each epoch through other microphones: gains at some frequencies, lines between them."""

    deviation_db: float = 6.0
    frequencies: int = 6

    def clips(self, clips: AugmentedClips) -> FilteredClips:
        return FilteredClips(clips, self)

    def filtered(self, spectra: Spectra, rng: np.random.Generator) -> Spectra:
        """Each clip through a random filter."""
        n_clips, _, n_bins = spectra.power.shape
        knots = rng.normal(0, self.deviation_db, (n_clips, self.frequencies))
        lines = make_interp_spline(np.linspace(0, 1, self.frequencies), knots, k=1, axis=1)
        gain = np.float32(10 ** (lines(np.linspace(0, 1, n_bins)) / 10))
        return replace(spectra, power=spectra.power * gain[:, None])


class FilteredClips:
    """Clips that go through a random filter before they are augmented."""

    def __init__(self, clips: AugmentedClips, filters: RandomFilters):
        self.plain, self.filters = clips, filters

    def __len__(self) -> int:
        return len(self.plain)

    def draw(self) -> list[tuple[np.ndarray, np.ndarray]]:
        plain, clean = self.plain, (self.plain.spectra, self.plain.extra)
        plain.spectra, plain.extra = (
            self.filters.filtered(spectra, plain.rng) if spectra else None for spectra in clean
        )
        try:
            return plain.draw()
        finally:
            plain.spectra, plain.extra = clean


@dataclass(frozen=True)
class AveragedWeights(Idea):
    """At the end, an exponential mean of the weights over the steps."""

    decay: float = 0.99

    def callbacks(self) -> list[keras.callbacks.Callback]:
        return [MeanOfWeights(self.decay)]


class MeanOfWeights(keras.callbacks.Callback):
    """Follow the weights with their exponential mean, and put it in their place at the end."""

    def __init__(self, decay: float):
        super().__init__()
        self.decay = decay

    def on_train_begin(self, logs=None):
        self.mean = self.model.get_weights()

    def on_train_batch_end(self, batch, logs=None):
        for mean, now in zip(self.mean, self.model.get_weights(), strict=True):
            mean += (1 - self.decay) * (now - mean)

    def on_train_end(self, logs=None):
        self.model.set_weights(self.mean)


@dataclass(frozen=True)
class TwoSided(Idea):
    """Half of a causal network's zeros put behind the clip: it looks ahead."""

    def network(self, model: keras.Model) -> keras.Model:
        return keras.models.clone_model(model, clone_function=self.look_ahead)

    @staticmethod
    def look_ahead(layer: keras.Layer) -> keras.Layer:
        config = layer.get_config()
        if isinstance(layer, keras.layers.ZeroPadding1D):
            config["padding"] = [sum(config["padding"]) // 2] * 2
        if isinstance(layer, keras.layers.ZeroPadding2D):
            before, _ = config["padding"][0]
            config["padding"] = [[before - before // 2, before // 2], config["padding"][1]]
        return type(layer).from_config(config)


@dataclass(frozen=True)
class PaddedLengths(Idea):
    """Strings that do not know their own length: the padding of a batch counts as sound."""

    def clips(self, clips: ConnectedDigitClips) -> OtherTargets:
        return OtherTargets(clips, self.targets)

    @staticmethod
    def targets(features: np.ndarray, targets: np.ndarray, _: list[np.ndarray]) -> np.ndarray:
        padded = targets.copy()
        padded[:, 0] = features.shape[1] // STRIDE
        return padded


@dataclass(frozen=True)
class FrameLabels(Idea):
    """A label for every output in place of CTC, so many frames after what it names."""

    delay_frames: int = 0

    def clips(self, clips: ConnectedDigitClips) -> OtherTargets:
        return OtherTargets(clips, self.targets)

    def loss(self, loss: Callable) -> Callable:
        return keras.losses.SparseCategoricalCrossentropy(from_logits=True)

    def targets(
        self, features: np.ndarray, targets: np.ndarray, spans: list[np.ndarray]
    ) -> np.ndarray:
        labels = np.full((len(features), features.shape[1] // STRIDE), BLANK)
        middle = STRIDE * (np.arange(labels.shape[1]) + 0.5) - self.delay_frames
        for row, target, places in zip(labels, targets[:, 1:], spans):
            for digit, (start, end) in zip(target, places):
                row[(middle >= start) & (middle < end)] = digit
        return labels

    def reader(self, model: keras.Model, corpus: Corpus) -> Callable[[np.ndarray], np.ndarray]:
        """Leave out short runs: those are guesses; how short is chosen on the clips of training."""
        said = connected_digits.compose(corpus, 150, seed=8)
        tables = ctc.log_posteriors(model, said.waveforms)

        def errors(shortest: int) -> int:
            read = [read_runs(table, shortest) for table in tables]
            return metrics.edits(said.targets, read)[0].sum()

        best = min(range(1, 7), key=errors)
        return lambda table: read_runs(table, best)


def read_runs(table: np.ndarray, shortest: int) -> np.ndarray:
    """Read a table greedily, without the digits that hold for fewer than `shortest` outputs."""
    path = table.argmax(axis=1)
    starts = np.flatnonzero(np.diff(path, prepend=-1))
    lengths = np.diff(np.append(starts, len(path)))
    kept = path[starts][(path[starts] == BLANK) | (lengths >= shortest)]
    return connected_digits.collapse(kept)


class OtherTargets:
    """The same strings, with targets made of their features, targets and spans."""

    def __init__(self, clips: ConnectedDigitClips, targets: Callable[..., np.ndarray]):
        self.plain, self.targets = clips, targets

    def __len__(self) -> int:
        return len(self.plain)

    def draw(self) -> list[tuple[np.ndarray, np.ndarray]]:
        laid_out = [self.plain.lay_out(strings) for strings in self.plain.deal()]
        return [(batch[0], self.targets(*batch)) for batch in laid_out]


STRINGS = recipes.RECIPES["connected_digit_network, 16 epochs"]
RECIPES: dict[str, Recipe] = {
    "digit_network, variance-normalised": replace(DIGITS, idea=VarianceNormalised()),
    # in place of VTLP and tempo, and as many steps in all
    "digit_network, three speeds": replace(
        recipes.without(DIGITS, "vtlp", "tempo"), epochs=DIGITS.epochs // 3, idea=ThreeSpeeds()
    ),
    "digit_network, random filters": replace(DIGITS, idea=RandomFilters()),
    "digit_network, averaged weights": replace(DIGITS, idea=AveragedWeights()),
    "connected_digit_network, 16 epochs, not causal": replace(STRINGS, idea=TwoSided()),
    "connected_digit_network, 16 epochs, padded lengths": replace(STRINGS, idea=PaddedLengths()),
    **{
        f"connected_digit_network, 16 epochs, frame labels, {10 * frames} ms late": replace(
            STRINGS, idea=FrameLabels(frames)
        )
        for frames in (0, 16)
    },
}
