"""Augmentation changes what it says it changes, and nothing else."""

from course_utils import augmentation, features
from course_utils.augmentation import Spectra, augment, spectra_of
from course_utils.features import FrontEnd

import numpy as np
import pytest

NOTHING = {"vtlp": False, "tempo": False, "noise": False, "spec_augment": False}


def tones(frequency=1000.0, count=40, seconds=0.5):
    time = np.arange(round(8000 * seconds)) / 8000
    tone = np.sin(2 * np.pi * frequency * time).astype(np.float32)
    return [tone * level for level in np.linspace(0.1, 0.9, count)]


def rng(seed=0):
    return np.random.default_rng(seed)


@pytest.mark.parametrize("front_end", [FrontEnd(), FrontEnd(n_mels=30, range_db=65.0)])
def test_without_any_change_it_is_the_network_input(embedded, front_end):
    waveforms = [*embedded.waveforms[:30], np.tile(embedded.waveforms[0], 4)]
    plain = augment(spectra_of(waveforms, front_end), rng(), front_end, **NOTHING)
    np.testing.assert_allclose(plain, features.network_input(waveforms, front_end), atol=1e-4)


@pytest.mark.parametrize("switch", NOTHING)
def test_each_switch_changes_the_clips_and_follows_the_seed(embedded, switch):
    spectra = spectra_of(embedded.waveforms[:20])
    plain = augment(spectra, rng(), **NOTHING)
    changed = augment(spectra, rng(), **{**NOTHING, switch: True})
    assert changed.shape == plain.shape and np.isfinite(changed).all()
    assert (np.abs(changed - plain).max(axis=(1, 2)) > 0.05).mean() > 0.8
    np.testing.assert_array_equal(changed, augment(spectra, rng(), **{**NOTHING, switch: True}))
    assert not np.array_equal(changed, augment(spectra, rng(1), **{**NOTHING, switch: True}))


def test_a_warped_throat_moves_a_tone_up_and_down():
    spectra = spectra_of(tones())
    mel = augmentation.vtlp(spectra.power, rng())
    loudest = mel.sum(axis=1).argmax(axis=1)
    still = (spectra.power @ features.mel_filterbank()).sum(axis=1).argmax(axis=1)
    assert loudest.min() < still[0] < loudest.max()


def test_tempo_changes_the_length_and_the_place():
    spectra = spectra_of(tones())
    mel = spectra.power @ features.mel_filterbank()
    _, inside = features.stretch_and_centre(mel, spectra.lengths, tempo=1.2)
    assert abs(inside[0].sum() - 1.2 * spectra.lengths[0]) <= 2
    _, inside = features.stretch_and_centre(mel, spectra.lengths)
    edges = np.flatnonzero(inside[0])[[0, -1]]
    assert abs(edges.sum() - 97) <= 1  # in the middle of 98 frames
    left, right = (
        features.stretch_and_centre(mel, spectra.lengths, shift=s)[1][0].argmax() for s in (-1, 1)
    )
    assert right - left == 20


def test_noise_keeps_its_distance():
    spectra = spectra_of(tones())
    mel, inside = features.stretch_and_centre(
        spectra.power @ features.mel_filterbank(), spectra.lengths
    )
    noisy = augmentation.add_noise(mel, inside, rng())
    assert (noisy >= mel).all()
    speech = mel.sum(axis=(1, 2)) / inside.sum(axis=1)
    noise = (noisy - mel).sum(axis=(1, 2)) / mel.shape[1]
    snr = 10 * np.log10(speech / noise)
    assert 8 < snr.min() and snr.max() < 52


def test_masks_are_blank_and_narrow():
    ones = np.ones((200, 98, 40), np.float32)
    masked = augmentation.spec_augment(ones, np.ones((200, 98), bool), rng()) == 0
    bands, frames = masked.all(axis=1).sum(axis=1), masked.all(axis=2).sum(axis=1)
    assert bands.max() == 6 and frames.max() == 12 and bands.min() == frames.min() == 0


def test_mixup_mixes_clips_and_targets_alike():
    targets = np.eye(10, dtype=np.float32)[np.arange(100) % 10]
    clips, mixed = augmentation.mixup(targets.copy(), targets, rng())
    np.testing.assert_allclose(clips, mixed)
    np.testing.assert_allclose(mixed.sum(axis=1), 1, rtol=1e-5)
    assert (mixed.max(axis=1) >= 0.5).all() and (mixed.max(axis=1) < 0.99).any()


def test_select_keeps_power_and_lengths_together():
    spectra = spectra_of([*tones(seconds=0.3, count=1), *tones(seconds=0.6, count=1)])
    assert isinstance(spectra.select([1]), Spectra)
    assert spectra.select([1]).lengths[0] == spectra.lengths[1] > spectra.lengths[0]
