"""The same words as other people, in other rooms, would have said them (chapter 05).

Everything works on a whole corpus at once, on power spectrograms that are computed once.
"""

from dataclasses import dataclass, replace
from typing import Self

from course_utils.corpora import Corpus
from course_utils.features import (
    COURSE_FRONT_END,
    TINY,
    FrontEnd,
    crop,
    network_samples,
    normalise_log_mel,
    power_to_mel,
    spectrograms,
    stack,
    stretch_and_centre,
)  # fmt: skip

import numpy as np

__all__ = [
    "AUGMENTATION", "NO_AUGMENTATION", "Augmentation", "Spectra", "add_noise", "augment",
    "mixup", "spec_augment", "spectra_of", "vtlp",
]  # fmt: skip


@dataclass(frozen=True)
class Augmentation:
    """How far each change of a clip may go; None leaves it out (chapter 05).

    vtlp : vocal-tract length perturbation, frequencies times a factor from 1 / vtlp to vtlp
    tempo : time times a factor from 1 / tempo to tempo, at another place in the second
    noise_db : steady noise, so many decibels below the speech, from the first to the second
    masks : SpecAugment, at most so many neighbouring bands and so many frames blanked
    mixup : parameter of the beta distribution of the shares of two clips
    """

    vtlp: float | None = 1.2
    tempo: float | None = 1.2
    noise_db: tuple[float, float] | None = (10.0, 50.0)
    masks: tuple[int, int] | None = (6, 12)
    mixup: float | None = 0.3


AUGMENTATION = Augmentation()  # the course's
NO_AUGMENTATION = Augmentation(vtlp=None, tempo=None, noise_db=None, masks=None, mixup=None)


@dataclass(frozen=True, eq=False)
class Spectra:
    """Power spectrograms of the clips of a corpus, and all that belongs to them (chapter 05).

    Attributes
    ----------
    power : (clips, frames, bins) float32, from a clip's first frame on, peak 1, then zeros
    lengths : (clips,) int, how many frames are speech
    labels, speakers : (clips,), as in the corpus
    front_end : what made them, and what makes features of them
    """

    power: np.ndarray
    lengths: np.ndarray
    labels: np.ndarray
    speakers: np.ndarray
    front_end: FrontEnd = COURSE_FRONT_END

    def __post_init__(self):
        bins = self.front_end.n_bins
        if self.power.ndim != 3 or self.power.shape[-1] != bins:
            raise ValueError(
                f"power of shape (clips, frames, {bins}) expected, as this front end has {bins} "
                f"bins; given {self.power.shape}: make it with spectra_of(corpus, front_end)"
            )
        for name in ("lengths", "labels", "speakers"):
            given, wanted = np.shape(getattr(self, name)), (len(self.power),)
            if given != wanted:
                raise ValueError(f"{name} of shape {wanted} expected, a clip each; given {given}")

    def __len__(self) -> int:
        return len(self.power)

    def select(self, index: np.ndarray) -> Self:
        """Return the clips that a mask or a list of positions picks."""
        clips = ("power", "lengths", "labels", "speakers")
        return replace(self, **{name: getattr(self, name)[index] for name in clips})


def spectra_of(corpus: Corpus, front_end: FrontEnd = COURSE_FRONT_END) -> Spectra:
    """Compute what `augment` needs, once: the power spectrogram of each clip, peak 1."""
    clips = spectrograms(crop(corpus.waveforms, network_samples(front_end)), front_end)
    lengths = np.array([len(clip) for clip in clips])
    power = stack(clips)
    power /= power.max(axis=(1, 2), keepdims=True) + TINY
    return Spectra(power, lengths, corpus.labels, corpus.speakers, front_end)


def vtlp(
    spectra: Spectra, rng: np.random.Generator, largest: float | None = AUGMENTATION.vtlp
) -> np.ndarray:
    """Shorten or lengthen each speaker's vocal tract: mel energies (clips, frames, bands).

    Vocal-tract length perturbation (Jaitly and Hinton 2013): each clip is heard through a
    filterbank whose frequencies are multiplied by one of eleven factors between 1 / `largest`
    and `largest`; None leaves all vocal tracts as they are.
    """
    if largest is None:
        return power_to_mel(spectra.power, spectra.front_end)
    factors = [float(factor) for factor in largest ** np.linspace(-1, 1, 11).round(2)]
    choice = rng.integers(len(factors), size=len(spectra))
    mel = np.empty((*spectra.power.shape[:2], spectra.front_end.n_mels), np.float32)
    for index, warp in enumerate(factors):
        chosen = choice == index
        mel[chosen] = power_to_mel(spectra.power[chosen], replace(spectra.front_end, warp=warp))
    return mel


def add_noise(
    mel: np.ndarray,
    inside: np.ndarray,
    rng: np.random.Generator,
    noise_db: tuple[float, float] | None = AUGMENTATION.noise_db,
) -> np.ndarray:
    """Add steady noise of a random colour to mel energies, `noise_db` below the speech.

    mel (clips, frames, bands) and which frames are speech (clips, frames) bool, to
    (clips, frames, bands).
    """
    if noise_db is None:
        return mel
    n_bands = mel.shape[-1]
    colour = np.exp(rng.uniform(-1.5, 0.5, (len(mel), 1)) * np.linspace(0, 3, n_bands))
    colour /= colour.mean(axis=1, keepdims=True)
    speech = mel.sum(axis=(1, 2)) / (n_bands * np.maximum(inside.sum(axis=1), 1))
    level = speech * 10 ** (-rng.uniform(*noise_db, len(mel)) / 10)
    noise = (level[:, None] * colour)[:, None].astype(np.float32)
    flicker = rng.standard_exponential((2, *mel.shape), np.float32).mean(axis=0)
    return mel + noise * flicker


def spec_augment(
    features: np.ndarray,
    inside: np.ndarray,
    rng: np.random.Generator,
    masks: tuple[int, int] | None = AUGMENTATION.masks,
) -> np.ndarray:
    """Blank out some neighbouring bands and some frames of speech (Park and others 2019).

    features (clips, frames, bands) and which frames are speech (clips, frames) bool, to
    (clips, frames, bands). `masks` says how many bands and how many frames at most. Blank is
    0, the mean of a band.
    """
    if masks is None:
        return features
    n_clips, n_frames, n_bands = features.shape
    middle = inside.argmax(axis=1) + rng.uniform(size=n_clips) * inside.sum(axis=1)
    for axis, size, widest, centre in (
        (2, n_bands, masks[0], rng.integers(n_bands, size=(n_clips,))),
        (1, n_frames, masks[1], middle.astype(int)),
    ):
        width = rng.integers(widest + 1, size=(n_clips,))
        first = (centre - width // 2)[:, None]
        cell = np.arange(size)
        keep = (cell < first) | (cell >= first + width[:, None])
        features = features * np.expand_dims(keep, 3 - axis)
    return features


def augment(
    spectra: Spectra, rng: np.random.Generator, augmentation: Augmentation = AUGMENTATION
) -> np.ndarray:
    """Return a fresh copy of every clip: another vocal tract, tempo, place, noise, and masks.

    (clips, frames, bands) float32, as `features.network_input` of the same front end; with
    `NO_AUGMENTATION` the clips are what that gives. `mixup` also changes the targets, and
    `training.AugmentedClips` does it.
    """
    n_clips = len(spectra)
    mel = vtlp(spectra, rng, augmentation.vtlp)
    tempo = shift = np.zeros(n_clips)
    if augmentation.tempo:
        tempo, shift = rng.uniform(-1, 1, n_clips), rng.uniform(-1, 1, n_clips)
    factors = (augmentation.tempo or 1.0) ** tempo
    mel, inside = stretch_and_centre(mel, spectra.lengths, factors, shift)
    mel = add_noise(mel, inside, rng, augmentation.noise_db)
    features = normalise_log_mel(mel, spectra.front_end)
    return spec_augment(features, inside, rng, augmentation.masks)


def mixup(
    features: np.ndarray,
    targets: np.ndarray,
    rng: np.random.Generator,
    alpha: float | None = AUGMENTATION.mixup,
) -> tuple[np.ndarray, np.ndarray]:
    """Add to each clip a little of another, and to its target as much (Zhang and others 2018).

    features (clips, …) and one-hot targets (clips, classes); the shares are drawn from a
    beta distribution with both parameters `alpha`.
    """
    if alpha is None:
        return features, targets
    share = rng.beta(alpha, alpha, len(features)).astype(np.float32)
    share = np.maximum(share, 1 - share)
    other = rng.permutation(len(features))

    def blend(values: np.ndarray) -> np.ndarray:
        weight = share.reshape(-1, *[1] * (values.ndim - 1))
        return weight * values + (1 - weight) * values[other]

    return blend(features), blend(targets)
