"""CTC: its loss against the sum over all paths, and the strings that a network learns from."""

import itertools
from dataclasses import replace

from course_utils import connected_digits, ctc, models, training
from course_utils.augmentation import spectra_of
from course_utils.connected_digits import BLANK, STREAM_FRONT_END, ConnectedDigitsError
from course_utils.ctc import STRING_AUGMENTATION, ConnectedDigitClips
from course_utils.features import COURSE_FRONT_END, FrontEnd

import keras
import numpy as np
import pytest

# ---------------------------------------------------------------- the loss

SAID = (0, 1, 2, BLANK)  # the only symbols with a probability worth mentioning


def random_logits(rng, n_outputs):
    """Logits (outputs, symbols) in which the digits from 3 on are as good as impossible."""
    logits = np.full((n_outputs, 11), -60.0)
    logits[:, SAID] = rng.normal(size=(n_outputs, len(SAID)))
    return logits.astype(np.float32)


def loss_by_all_paths(logits, target, said=SAID, blank=BLANK):
    """Minus the logarithm of the sum over every path that reads as the target."""
    table = logits - np.log(np.exp(logits.astype(float)).sum(axis=1, keepdims=True))
    total = 0.0
    for path in itertools.product(said, repeat=len(table)):
        if [k for k, _ in itertools.groupby(path) if k != blank] == list(target):
            total += np.exp(table[np.arange(len(table)), path].sum())
    return -np.log(total)


def ctc_loss(targets, logits, **how):
    return keras.ops.convert_to_numpy(ctc.ctc_loss(np.array(targets), np.asarray(logits), **how))


def test_the_loss_is_the_sum_over_all_paths():
    logits = random_logits(np.random.default_rng(0), 6)
    targets, outputs = [(0, 1), (2, 2), (1,), (0, 0, 1)], [6, 5, 4, 6]
    packed = [[n, *t, *[-1] * (3 - len(t))] for n, t in zip(outputs, targets)]
    found = ctc_loss(packed, np.repeat(logits[None], 4, axis=0))
    expected = [loss_by_all_paths(logits[:n], t) for n, t in zip(outputs, targets, strict=True)]
    np.testing.assert_allclose(found, expected, rtol=1e-4)


def test_another_symbol_can_be_the_blank_and_nothing_be_said():
    logits = np.random.default_rng(1).normal(size=(6, 2)).astype(np.float32)
    targets = [(0,), (0, 0), ()]
    packed = [[6, *t, *[-1] * (2 - len(t))] for t in targets]
    found = ctc_loss(packed, np.repeat(logits[None], 3, axis=0), blank=1)
    expected = [loss_by_all_paths(logits, t, said=(0, 1), blank=1) for t in targets]
    np.testing.assert_allclose(found, expected, rtol=1e-4)


def test_the_loss_uses_the_true_lengths():
    rng = np.random.default_rng(0)
    logits = rng.normal(size=(2, 12, 11)).astype(np.float32)
    packed = [[8, 0, 0, 5], [12, 9, -1, -1]]  # outputs, digits, padding
    found = ctc_loss(packed, logits)
    alone = [ctc_loss(packed[:1], logits[:1, :8]), ctc_loss([[12, 9]], logits[1:])]
    np.testing.assert_allclose(found, np.concatenate(alone), rtol=1e-5)
    logits[0, 8:] = 50 * rng.normal(size=(4, 11))  # behind the end of the first string
    np.testing.assert_allclose(ctc_loss(packed, logits), found, rtol=1e-5)


# ---------------------------------------------------------------- what a network says


def test_padding_a_batch_changes_no_posterior(embedded):
    training.set_seed(0)
    model = models.connected_digit_network()
    composed = connected_digits.compose(embedded, 5, seed=0)
    together = ctc.log_posteriors(model, composed.waveforms)
    for waveform, table in zip(composed.waveforms, together, strict=True):
        (alone,) = ctc.log_posteriors(model, [waveform])
        assert len(table) == COURSE_FRONT_END.n_frames(len(waveform)) // connected_digits.STRIDE
        np.testing.assert_allclose(table, alone, atol=1e-4)
        np.testing.assert_allclose(np.exp(table).sum(axis=1), 1, rtol=1e-4)


# ---------------------------------------------------------------- strings to train on


@pytest.fixture(scope="module")
def clips(embedded):
    return embedded.select(embedded.takes < 2)


@pytest.fixture(scope="module")
def spectra(clips):
    return spectra_of(clips)


def strings_of(spectra, **arguments):
    return ConnectedDigitClips(spectra, seed=0, **{"batch_size": 16, **arguments})


def digits_of(row):
    return row[1:][row[1:] >= 0]


def test_every_clip_is_said_once_an_epoch(spectra):
    strings = strings_of(spectra)
    dealt = strings.deal()
    assert len(dealt) == len(strings)
    said, lengths = [], []
    for batch in dealt:
        features, targets, spans = strings.lay_out(batch)
        assert features.shape[0] == len(targets) == len(spans) and features.shape[2] == 40
        assert np.isfinite(features).all() and features.min() >= 0
        for row, places, n_frames in zip(targets, spans, targets[:, 0] * 4, strict=True):
            digits = digits_of(row)
            assert len(digits) == len(places) and places[-1, 1] < n_frames + 4
            assert n_frames <= features.shape[1]
            said.extend(digits)
            lengths.append(len(digits))
    np.testing.assert_array_equal(np.bincount(said), np.bincount(spectra.labels))
    assert set(lengths) == set(range(1, 8))


def test_an_epoch_is_another_one_and_follows_the_seed(spectra):
    strings = strings_of(spectra.select(np.arange(60)))
    first, second = strings.draw(), strings.draw()
    again = strings_of(spectra.select(np.arange(60))).draw()
    for (a, b), (c, d) in zip(first, again, strict=True):
        np.testing.assert_array_equal(a, c)
        np.testing.assert_array_equal(b, d)
    assert len(first) == len(second) == len(strings)
    assert first[0][0].shape != second[0][0].shape or not np.array_equal(first[0][0], second[0][0])


def test_words_are_where_the_spans_say(spectra):
    plain = replace(
        STRING_AUGMENTATION, vtlp=None, tempo=None, noise_db=None, masks=None, colour=0.0, cut_off=0
    )
    strings = strings_of(spectra.select(np.arange(60)), augmentation=plain)
    for batch in strings.deal():
        features, _, spans = strings.lay_out(batch)
        for clip, places in zip(features, spans):
            spoken = np.zeros(len(clip), bool)
            for start, end in places:
                spoken[start:end] = True
            assert not clip[~spoken].any() and clip[spoken].max() > 0


def test_a_string_has_one_speaker(spectra):
    as_labels = np.unique(spectra.speakers, return_inverse=True)[1] % 10  # the speaker is the label
    for _, targets in strings_of(replace(spectra, labels=as_labels)).draw():
        for row in targets:
            assert len(set(digits_of(row).tolist())) == 1


def test_extra_voices_join_as_often(spectra):
    few = spectra.select(spectra.labels > 4)
    alone, joined = strings_of(spectra), strings_of(spectra, extra=few)
    assert len(joined) > len(alone)
    said = np.concatenate([digits_of(row) for _, targets in joined.draw() for row in targets])
    assert len(said) == 2 * len(spectra)
    assert (said > 4).sum() == (spectra.labels > 4).sum() + len(spectra)


def test_training_strings_are_as_loud_as_those_to_be_read(spectra, clips):
    loudest = [features.max(axis=(1, 2)) for features, _ in strings_of(spectra).draw()]
    low, high = np.percentile(np.concatenate(loudest), [1, 99])
    composed = connected_digits.compose(clips, 40, seed=0)
    heard = [connected_digits.connected_digit_features(w).max() for w in composed.waveforms]
    assert np.mean((np.array(heard) > low) & (np.array(heard) < high)) > 0.9


def test_another_microphone_changes_bands_smoothly_and_as_far_as_asked():
    ones = np.ones((400, 5, 40), np.float32)
    gain = np.log(ctc.colour(ones, np.random.default_rng(0), 0.5))
    assert np.ptp(gain, axis=1).max() < 1e-5, "the same in every frame"
    assert np.abs(np.diff(gain, axis=2)).max() < 1.5 and gain.std() == pytest.approx(0.7, abs=0.1)
    decibels = 10 / np.log(10) * gain.std()
    assert decibels == pytest.approx(3, abs=0.3), "what chapter 08 says of 0.5"


@pytest.mark.parametrize(
    ("cut_off", "low", "high"),
    [(0.0, 0, 0), (STRING_AUGMENTATION.cut_off, 0.1, 0.3), (1.0, 0.4, 1)],
)
def test_some_strings_end_in_digital_silence(spectra, cut_off, low, high):
    loud = replace(
        STRING_AUGMENTATION, cut_off=cut_off, noise_db=(0.0, 5.0), level_db=(20.0, 25.0), masks=None
    )
    silent = [
        not features[0, 4 * targets[0, 0] - 1].any()
        for features, targets in strings_of(spectra, batch_size=1, augmentation=loud).draw()
    ]
    assert low <= np.mean(silent) <= high  # where the end is cut off lies behind it now and then


@pytest.mark.parametrize(
    "other",
    [FrontEnd(n_mels=30), FrontEnd(fmin=300.0), FrontEnd(frame_length=512), FrontEnd(range_db=65)],
)
def test_spectra_of_another_front_end_are_refused(clips, spectra, other):
    few = spectra_of(clips.select(np.arange(8)), other)
    with pytest.raises(ValueError, match="make them with spectra_of.corpus, STREAM_FRONT_END"):
        ConnectedDigitClips(few, seed=0)
    with pytest.raises(ValueError, match="the extra ones by .*same front end"):
        ConnectedDigitClips(spectra, seed=0, extra=few)
    ConnectedDigitClips(spectra_of(clips.select(np.arange(8)), STREAM_FRONT_END), seed=0)


def test_labels_that_are_no_digits_are_refused_before_the_training(spectra):
    few = spectra.select(np.arange(20))
    wrong = replace(few, labels=np.where(np.arange(20) == 7, 10, few.labels))
    with pytest.raises(ConnectedDigitsError, match="10 is no symbol"):
        ConnectedDigitClips(wrong, seed=0).draw()


def test_more_symbols_than_digits_can_be_learned(spectra):
    words = replace(spectra, labels=np.where(spectra.labels == 3, 40, spectra.labels))
    targets = ConnectedDigitClips(words, seed=0, n_symbols=86).draw()[0][1]
    assert 40 in targets and 3 not in targets[:, 1:] and BLANK not in targets[:, 1:]
    with pytest.raises(ConnectedDigitsError, match="0 … 39"):
        ConnectedDigitClips(words, seed=0, n_symbols=40).draw()


@pytest.mark.slow
def test_training_lowers_the_loss(spectra):
    training.set_seed(0)
    history = training.train(
        models.connected_digit_network(),
        strings_of(spectra),
        epochs=3,
        loss=ctc.ctc_loss,
        metrics=(),
        progress=False,
    )
    assert history["loss"][-1] < 0.8 * history["loss"][0]
