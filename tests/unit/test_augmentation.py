"""Augmentation changes what it says it changes, as far as it says, and nothing else."""

from dataclasses import replace

from course_utils import augmentation, features
from course_utils.augmentation import AUGMENTATION, NO_AUGMENTATION, Spectra, augment, spectra_of
from course_utils.corpora import Corpus
from course_utils.features import FrontEnd, power_to_mel, stretch_and_centre

import numpy as np
import pytest
from scipy import stats


def corpus_of(waveforms):
    nothing = np.zeros(len(waveforms), int)
    return Corpus("made up", tuple(waveforms), nothing, nothing.astype(str), nothing)


def tones(frequency=1000.0, count=40, seconds=0.5):
    time = np.arange(round(8000 * seconds)) / 8000
    tone = np.sin(2 * np.pi * frequency * time).astype(np.float32)
    return [tone * level for level in np.linspace(0.1, 0.9, count)]


@pytest.fixture(scope="module")
def tone():
    """Spectra of forty tones of 1 kHz."""
    return spectra_of(corpus_of(tones()))


def rng(seed=0):
    return np.random.default_rng(seed)


# ---------------------------------------------------------------- spectra


def test_spectra_know_their_corpus_and_their_front_end(embedded):
    some, front_end = embedded.select(np.arange(0, 1760, 44)), FrontEnd(n_mels=30)
    spectra = spectra_of(some, front_end)
    assert len(spectra) == len(some) and spectra.front_end == front_end
    np.testing.assert_array_equal(spectra.labels, some.labels)
    np.testing.assert_array_equal(spectra.speakers, some.speakers)
    frames = [len(power) for power in features.spectrograms(some.waveforms, front_end)]
    np.testing.assert_array_equal(spectra.lengths, np.minimum(frames, features.NETWORK_FRAMES))
    assert spectra.power.shape == (len(some), features.NETWORK_FRAMES, front_end.n_bins)
    assert spectra.power.dtype == np.float32
    np.testing.assert_allclose(spectra.power.max(axis=(1, 2)), 1, rtol=1e-6)
    for power, length in zip(spectra.power, spectra.lengths):
        assert power[length - 1].any() and not power[length:].any()


def test_select_keeps_together_what_belongs_together(embedded, spectra):
    for index in ([5, 1], np.arange(len(spectra)) % 3 == 0):
        some = spectra.select(index)
        assert isinstance(some, Spectra) and some.front_end == spectra.front_end
        for name in ("power", "lengths", "labels", "speakers"):
            expected = getattr(spectra, name)[index]
            np.testing.assert_array_equal(getattr(some, name), expected)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"front_end": FrontEnd(frame_length=512)}, r"\(clips, frames, 257\) expected.*257 bins"),
        ({"power": np.zeros((4, 98, 40))}, r"\(clips, frames, 129\) expected.*given \(4, 98, 40\)"),
        ({"power": np.zeros((4, 129))}, r"given \(4, 129\): make it with spectra_of"),
        ({"power": np.zeros((3, 98, 129))}, r"lengths of shape \(3,\) expected.*given \(4,\)"),
        ({"lengths": np.ones(5)}, r"lengths of shape \(4,\) expected, a clip each"),
        ({"labels": np.arange(2)}, r"labels of shape \(4,\) expected.*given \(2,\)"),
        ({"labels": np.eye(4)}, r"labels of shape \(4,\) expected.*given \(4, 4\)"),
        ({"speakers": "anna"}, r"speakers of shape \(4,\) expected.*given \(\)"),
    ],
)
def test_spectra_that_do_not_fit_together_are_refused(spectra, change, reason):
    with pytest.raises(ValueError, match=reason):
        replace(spectra.select(np.arange(4)), **change)


def test_no_clips_have_no_spectra(embedded):
    with pytest.raises(ValueError, match="no clips"):
        spectra_of(embedded.select([]))


# ---------------------------------------------------------------- all together


@pytest.mark.parametrize(
    "other",
    [
        FrontEnd(),
        FrontEnd(n_mels=30, range_db=65.0),
        FrontEnd(frame_length=200, hop_length=100, fmin=300.0, fmax=3400.0),
    ],
)
def test_without_any_change_it_is_the_network_input(embedded, other):
    waveforms = [*embedded.waveforms[:30], np.tile(embedded.waveforms[0], 4)]
    plain = augment(spectra_of(corpus_of(waveforms), other), rng(), NO_AUGMENTATION)
    np.testing.assert_allclose(plain, features.network_input(waveforms, other), atol=1e-4)


@pytest.mark.parametrize("part", ["vtlp", "tempo", "noise_db", "masks"])
def test_each_part_changes_the_clips_and_follows_the_seed(spectra, part):
    spectra = spectra.select(np.arange(20))
    only = replace(NO_AUGMENTATION, **{part: getattr(AUGMENTATION, part)})
    plain = augment(spectra, rng(), NO_AUGMENTATION)
    changed = augment(spectra, rng(), only)
    assert changed.shape == plain.shape and np.isfinite(changed).all()
    assert (np.abs(changed - plain).max(axis=(1, 2)) > 0.05).mean() > 0.8
    np.testing.assert_array_equal(changed, augment(spectra, rng(), only))
    assert not np.array_equal(changed, augment(spectra, rng(1), only))


def test_the_spectra_stay_as_they_were(spectra):
    spectra = spectra.select(np.arange(20))
    before = spectra.power.copy()
    augment(spectra, rng())
    np.testing.assert_array_equal(spectra.power, before)


# ---------------------------------------------------------------- how far


def loudest_band(mel):
    """Centre of gravity of the energy, in bands: (clips,)."""
    energy = mel.sum(axis=1)
    return (energy * np.arange(mel.shape[-1])).sum(axis=1) / energy.sum(axis=1)


@pytest.mark.parametrize("largest", [None, 1.05])
def test_another_vocal_tract_moves_a_tone_up_and_down(tone, largest):
    many = tone.select(np.zeros(200, int))
    found = loudest_band(augmentation.vtlp(many, rng(), *[largest] * (largest is not None)))
    largest = largest or 1.2  # what chapter 05 says of the course's

    def heard(frequency):
        spectra = spectra_of(corpus_of(tones(frequency, count=1)))
        return loudest_band(power_to_mel(spectra.power)).item()

    assert found.min() == pytest.approx(heard(1000 / largest), abs=0.15)
    assert found.max() == pytest.approx(heard(1000 * largest), abs=0.15)
    assert len(np.unique(found.round(3))) == 11
    assert np.median(found) == pytest.approx(heard(1000), abs=0.5)


def test_vtlp_uses_the_bands_of_the_spectra_s_front_end(embedded):
    other = spectra_of(embedded.select([0, 1]), FrontEnd(n_mels=30, fmin=300.0))
    assert augmentation.vtlp(other, rng()).shape == (2, features.NETWORK_FRAMES, 30)
    still = augmentation.vtlp(other, rng(), largest=1.0)
    np.testing.assert_allclose(still, power_to_mel(other.power, other.front_end), rtol=1e-6)


def test_tempo_reaches_a_fifth_up_and_down(tone, monkeypatch):
    drawn = []

    def watch(mel, lengths, tempo, shift):
        drawn.append((tempo, shift))
        return stretch_and_centre(mel, lengths, tempo, shift)

    monkeypatch.setattr(augmentation, "stretch_and_centre", watch)
    augment(
        tone.select(np.zeros(1000, int)), rng(), replace(NO_AUGMENTATION, tempo=AUGMENTATION.tempo)
    )
    ((tempo, shift),) = drawn
    assert 1 / 1.2 <= tempo.min() < 0.84 and 1.19 < tempo.max() <= 1.2
    assert np.log(tempo).mean() == pytest.approx(0, abs=0.02), "as often slower as faster"
    assert -1 <= shift.min() < -0.99 and 0.99 < shift.max() <= 1


def speech_to_noise_db(mel, noisy, inside):
    speech = mel.sum(axis=(1, 2)) / inside.sum(axis=1)
    noise = (noisy - mel).sum(axis=(1, 2)) / mel.shape[1]
    return 10 * np.log10(speech / noise)


@pytest.mark.parametrize("noise_db", [None, (0.0, 5.0)])
def test_noise_keeps_its_distance(tone, noise_db):
    many = tone.select(np.zeros(300, int))
    mel, inside = stretch_and_centre(power_to_mel(many.power), many.lengths)
    noisy = augmentation.add_noise(mel, inside, rng(), *[noise_db] * (noise_db is not None))
    assert (noisy >= mel).all()
    found = speech_to_noise_db(mel, noisy, inside)
    low, high = noise_db or (10, 50)  # what chapter 05 says of the course's
    assert low - 1 < found.min() < low + 2 and high - 2 < found.max() < high + 1
    assert np.median(found) == pytest.approx((low + high) / 2, abs=3)


def test_masks_are_blank_and_narrow():
    ones, inside = np.ones((400, 98, 40), np.float32), np.ones((400, 98), bool)
    for masks, widest in (((), (6, 12)), (((2, 3),), (2, 3))):
        masked = augmentation.spec_augment(ones, inside, rng(), *masks) == 0
        bands, frames = masked.all(axis=1).sum(axis=1), masked.all(axis=2).sum(axis=1)
        assert (bands.max(), frames.max()) == widest and bands.min() == frames.min() == 0


def test_masks_lie_where_speech_is():
    inside = np.zeros((100, 98), bool)
    inside[:, 40:60] = True
    masked = augmentation.spec_augment(np.ones((100, 98, 40), np.float32), inside, rng(), (0, 5))
    frames = np.flatnonzero((masked == 0).all(axis=2).any(axis=0))
    assert 35 <= frames.min() < 42 and 57 < frames.max() <= 65


def test_mixup_mixes_clips_and_targets_alike():
    targets = np.eye(10, dtype=np.float32)[np.arange(100) % 10]
    clips, mixed = augmentation.mixup(targets.copy(), targets, rng())
    np.testing.assert_allclose(clips, mixed)
    np.testing.assert_allclose(mixed.sum(axis=1), 1, rtol=1e-5)
    assert (mixed.max(axis=1) >= 0.5).all() and (mixed.max(axis=1) < 0.99).any()


@pytest.mark.parametrize("alpha", [None, 5.0])
def test_mixup_draws_its_shares_from_a_beta_distribution(alpha):
    each = np.eye(1000, dtype=np.float32)  # a clip keeps of itself what is on the diagonal
    mixed, _ = augmentation.mixup(each, each, rng(), *[alpha] * (alpha is not None))
    alpha = alpha or 0.3  # what chapter 05 says of the course's
    larger = stats.kstest(mixed.diagonal(), lambda x: 2 * stats.beta.cdf(x, alpha, alpha) - 1)
    assert larger.pvalue > 0.01
