"""Ideas that were tried once, each against the recipe of chapter 05; none was kept but in a row.

Each is an `Idea` of data/recipes.py, and `RECIPES` has the recipes that hold one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from course_utils.augmentation import Spectra
from course_utils.corpora import Corpus
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


RECIPES: dict[str, Recipe] = {
    "digit_network, variance-normalised": replace(DIGITS, idea=VarianceNormalised()),
    # in place of VTLP and tempo, and as many steps in all
    "digit_network, three speeds": replace(
        recipes.without(DIGITS, "vtlp", "tempo"), epochs=DIGITS.epochs // 3, idea=ThreeSpeeds()
    ),
    "digit_network, random filters": replace(DIGITS, idea=RandomFilters()),
    "digit_network, averaged weights": replace(DIGITS, idea=AveragedWeights()),
    "connected_digit_network, 16 epochs, not causal": replace(
        recipes.RECIPES["connected_digit_network, 16 epochs"], idea=TwoSided()
    ),
}
