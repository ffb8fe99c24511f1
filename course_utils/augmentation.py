"""The same words as other people, in other rooms, would have said them (chapter 04).

Everything works on a whole corpus at once, on power spectrograms that are computed once.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from course_utils.features import (
    COURSE_FRONT_END,
    NETWORK_FRAMES,
    FrontEnd,
    compress,
    mel_filterbank,
    network_samples,
    pad_or_crop,
    place,
    spectrogram,
    speech_frames,
)

import numpy as np

WARPS = tuple(float(warp) for warp in 1.2 ** np.linspace(-1, 1, 11).round(2))


class Spectra(NamedTuple):
    """Power spectrograms of clips, from their first frame on, and how many frames are speech.

    power : (clips, frames, bins) float32; lengths : (clips,) int
    """

    power: np.ndarray
    lengths: np.ndarray

    def select(self, index: np.ndarray) -> Spectra:
        """Return the clips that a mask or a list of positions picks."""
        return Spectra(self.power[index], self.lengths[index])


def spectra_of(waveforms: Sequence[np.ndarray], front_end: FrontEnd = COURSE_FRONT_END) -> Spectra:
    """Compute what `augment` needs, once: the power spectrogram of each clip, peak 1."""
    n_samples = network_samples(front_end)
    power = np.empty((len(waveforms), NETWORK_FRAMES, front_end.n_bins), np.float32)
    for start in range(0, len(waveforms), 256):  # in pieces, to bound the memory
        batch = pad_or_crop(waveforms[start : start + 256], n_samples)
        power[start : start + 256] = spectrogram(batch, front_end)
    power /= power.max(axis=(1, 2), keepdims=True) + 1e-20
    return Spectra(power, speech_frames(waveforms, front_end))


def warp_throat(
    power: np.ndarray, rng: np.random.Generator, front_end: FrontEnd = COURSE_FRONT_END
) -> np.ndarray:
    """Shorten or lengthen each speaker's vocal tract: (clips, frames, bins) to mel energies.

    Each clip is heard through a filterbank whose frequencies are multiplied by a random
    factor between 0.83 and 1.2 (Jaitly and Hinton 2013). Returns (clips, frames, bands).
    """
    mel = np.empty((*power.shape[:2], front_end.n_mels), np.float32)
    choice = rng.integers(len(WARPS), size=len(power))
    for index, warp in enumerate(WARPS):
        filters = mel_filterbank(FrontEnd(**{**front_end.__dict__, "warp": warp}))
        mel[choice == index] = power[choice == index] @ filters
    return mel


def add_noise(mel: np.ndarray, inside: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Add steady noise of a random colour, 10 to 50 dB below the speech, to mel energies."""
    n_bands = mel.shape[-1]
    colour = np.exp(rng.uniform(-1.5, 0.5, (len(mel), 1)) * np.linspace(0, 3, n_bands))
    colour /= colour.mean(axis=1, keepdims=True)
    speech = mel.sum(axis=(1, 2)) / (n_bands * np.maximum(inside.sum(axis=1), 1))
    level = speech * 10 ** (-rng.uniform(10, 50, len(mel)) / 10)
    noise = (level[:, None] * colour)[:, None].astype(np.float32)
    flicker = rng.standard_exponential((2, *mel.shape), np.float32).mean(axis=0)
    return mel + noise * flicker


def mask(
    features: np.ndarray, inside: np.ndarray, rng: np.random.Generator, bands=6, frames=12
) -> np.ndarray:
    """Blank out up to 6 neighbouring bands and up to 12 frames of speech (SpecAugment).

    Blank is 0, the mean of a band. Park and others (2019).
    """
    n_clips, n_frames, n_bands = features.shape
    middle = inside.argmax(axis=1) + rng.uniform(size=n_clips) * inside.sum(axis=1)
    for axis, size, widest, centre in (
        (2, n_bands, bands, rng.integers(n_bands, size=n_clips)),
        (1, n_frames, frames, middle.astype(int)),
    ):
        width = rng.integers(widest + 1, size=n_clips)
        first = (centre - width // 2)[:, None]
        cell = np.arange(size)
        keep = (cell < first) | (cell >= first + width[:, None])
        features = features * np.expand_dims(keep, 3 - axis)
    return features


def augment(
    spectra: Spectra,
    rng: np.random.Generator,
    front_end: FrontEnd = COURSE_FRONT_END,
    *,
    throat: bool = True,
    tempo: bool = True,
    noise: bool = True,
    masks: bool = True,
) -> np.ndarray:
    """Return a fresh copy of every clip: another throat, tempo, place, noise, and masks.

    (clips, frames, bands) float32, as `features.network_input`; each of the four can be
    left out, and with all left out the clips are what `network_input` gives.
    """
    n_clips = len(spectra.power)
    if throat:
        mel = warp_throat(spectra.power, rng, front_end)
    else:
        mel = spectra.power @ mel_filterbank(front_end)
    if tempo:
        factors, shifts = 1.2 ** rng.uniform(-1, 1, n_clips), rng.uniform(-1, 1, n_clips)
        mel, inside = place(mel, spectra.lengths, factors, shifts)
    else:
        mel, inside = place(mel, spectra.lengths)
    if noise:
        mel = add_noise(mel, inside, rng)
    features = compress(mel, front_end)
    return mask(features, inside, rng) if masks else features


def mixup(
    features: np.ndarray, targets: np.ndarray, rng: np.random.Generator, alpha: float = 0.3
) -> tuple[np.ndarray, np.ndarray]:
    """Add to each clip a little of another, and to its target as much (Zhang and others 2018).

    features (clips, …) and one-hot targets (clips, classes); the shares are drawn from a
    beta distribution with both parameters `alpha`.
    """
    share = rng.beta(alpha, alpha, len(features)).astype(np.float32)
    share = np.maximum(share, 1 - share)
    other = rng.permutation(len(features))

    def blend(values: np.ndarray) -> np.ndarray:
        weight = share.reshape(-1, *[1] * (values.ndim - 1))
        return weight * values + (1 - weight) * values[other]

    return blend(features), blend(targets)
