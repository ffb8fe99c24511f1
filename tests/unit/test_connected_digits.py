"""Strings of digits: composed as they promise, described frame by frame, read off, refused."""

from course_utils import audio, connected_digits
from course_utils.connected_digits import (
    BLANK,
    STREAM_FRONT_END,
    ConnectedDigitsError,
    compose,
    connected_digit_features,
)
from course_utils.features import COURSE_FRONT_END, mel_energies

import numpy as np
import pytest

# ---------------------------------------------------------------- composing


@pytest.fixture(scope="module")
def composed(embedded):
    return compose(embedded, 60, seed=0, shortest=1, longest=7)


def test_the_same_seed_gives_the_same_strings_and_another_does_not(embedded):
    first, again, other = (compose(embedded, 5, seed) for seed in (1, 1, 2))
    for a, b in zip(first.waveforms, again.waveforms, strict=True):
        np.testing.assert_array_equal(a, b)
    assert any(len(a) != len(b) for a, b in zip(first.waveforms, other.waveforms, strict=True))


def test_strings_keep_to_what_they_promise(composed):
    assert len(composed) == 60 and composed.sample_rate == 8000
    assert {len(target) for target in composed.targets} == set(range(1, 8))
    assert len(set(composed.speakers)) > 10
    for waveform, target, spans in zip(
        composed.waveforms, composed.targets, composed.spans, strict=True
    ):
        assert waveform.dtype == np.float32 and np.abs(waveform).max() <= 1
        assert spans.shape == (len(target), 2) and np.all(spans[:, 1] > spans[:, 0])
        pauses = spans[1:, 0] - spans[:-1, 1]
        assert np.all(pauses >= -0.061) and np.all(pauses <= 0.351)
        assert 0.099 < spans[0, 0] < 0.501 and 0.099 < len(waveform) / 8000 - spans[-1, 1] < 0.502


def test_pauses_and_margins_reach_as_far_as_they_promise(composed):
    pauses = np.concatenate([spans[1:, 0] - spans[:-1, 1] for spans in composed.spans])
    margins = np.array([spans[0, 0] for spans in composed.spans])
    assert pauses.min() < -0.05 and pauses.max() > 0.34
    assert margins.min() < 0.13 and margins.max() > 0.47


def test_strings_are_said_in_the_noise_that_chapter_08_names(embedded, monkeypatch):
    asked, measured = [], []

    def watch(clean, noise, snr_db, rng):
        mixed = audio.mix_at_snr(clean, noise, snr_db, rng)
        asked.append(snr_db)
        measured.append(20 * np.log10(audio.rms(clean) / audio.rms(mixed - clean)))
        return mixed

    monkeypatch.setattr(connected_digits, "mix_at_snr", watch)
    compose(embedded, 60, seed=0, longest=3)
    np.testing.assert_allclose(measured, asked, atol=0.1)
    assert 20 <= min(asked) < 22 and 38 < max(asked) <= 40


def test_words_are_as_loud_as_promised(embedded):
    tone = np.sin(np.arange(2000) / 5).astype(np.float32)
    rng, peaks = np.random.default_rng(0), []
    for _ in range(100):
        waveform, spans = connected_digits.join([0.1 * tone, 0.9 * tone], 8000, rng, pause=0.1)
        spans = (spans * 8000).round().astype(int)
        peaks.append([20 * np.log10(np.abs(waveform[a:b]).max()) for a, b in spans])
    first, second = np.transpose(peaks)
    for level in (first, second):
        assert -21 <= level.min() < -17 and -7 < level.max() <= -3
    assert 4 < np.abs(first - second).max() <= 6, "words of one string are about as loud"


def test_words_are_where_the_spans_say(embedded):
    words = [embedded.waveforms[i] for i in (0, 50, 99)]
    waveform, spans = connected_digits.join(words, 8000, np.random.default_rng(0), pause=0.2)
    np.testing.assert_allclose(spans[1:, 0] - spans[:-1, 1], 0.2, atol=2e-4)
    outside = np.ones(len(waveform), bool)
    for (start, end), word in zip((spans * 8000).round().astype(int), words, strict=True):
        outside[start:end] = False
        middle = slice(200, -200)  # without the fades
        likeness = np.corrcoef(waveform[start:end][middle], word[middle])[0, 1]
        assert likeness > 0.9999
    assert not waveform[outside].any()
    overlapping, spans = connected_digits.join(words, 8000, np.random.default_rng(0), pause=-0.06)
    assert np.all(spans[1:, 0] < spans[:-1, 1]) and len(overlapping) < len(waveform)


@pytest.mark.parametrize(
    "arguments",
    [
        {"n_strings": 0},
        {"n_strings": 1, "shortest": 0},
        {"n_strings": 1, "shortest": 5, "longest": 4},
    ],
)
def test_impossible_strings_are_refused(embedded, arguments):
    with pytest.raises(ConnectedDigitsError, match="must be at least 1"):
        compose(embedded, seed=0, **arguments)
    with pytest.raises(ConnectedDigitsError, match="from 0 clips"):
        compose(embedded.select([]), 1, seed=0)


# ---------------------------------------------------------------- features


def test_features_look_at_their_own_frame_only():
    rng = np.random.default_rng(0)
    waveform = (0.1 * rng.normal(size=4000)).astype(np.float32)
    features = connected_digit_features(waveform)
    assert features.shape == (COURSE_FRONT_END.n_frames(4000), 40)
    future = waveform.copy()
    future[80 * 20 + 256 :] = 0.9
    np.testing.assert_allclose(connected_digit_features(future)[:21], features[:21], atol=1e-5)
    late = connected_digit_features(waveform[800:])
    np.testing.assert_allclose(late, features[10:], atol=1e-4)
    assert not connected_digit_features(np.zeros(1000, np.float32)).any()


def test_features_of_mel_energies_are_those_of_the_waveform(embedded):
    clip = embedded.waveforms[7]
    (mel,) = mel_energies([clip], STREAM_FRONT_END)
    found = connected_digits.features_of_mel(mel)
    np.testing.assert_allclose(found, connected_digit_features(clip), atol=1e-5)
    np.testing.assert_allclose(found, np.log(np.maximum(mel, 1e-3) / 1e-3) / 3, atol=1e-5)


# ---------------------------------------------------------------- reading


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ([10, 1, 1, 10, 2, 2], [1, 2]),
        ([1, 10, 1], [1, 1]),
        ([1, 1, 1], [1]),
        ([10, 10], []),
        ([], []),
        ([3, 2, 2, 10, 10, 2, 0], [3, 2, 2, 0]),
    ],
)
def test_collapse_merges_then_drops(path, expected):
    path = np.array(path, int)
    assert connected_digits.collapse(path).tolist() == expected
    assert connected_digits.greedy_decode(np.eye(11)[path]).tolist() == expected


# ---------------------------------------------------------------- refused


@pytest.mark.parametrize(
    ("target", "n_outputs", "reason"),
    [
        ([1, 2, 3], 2, "3 words do not fit into 2 outputs"),
        ([], 5, "at least one word expected, given"),
        ([[1, 2]], 5, r"given \(1, 2\)"),
        ([1, 1], 2, "2 words and 1 blanks between equal neighbours do not fit into 2"),
        ([1, 11], 5, "11 is no symbol"),
        ([1, BLANK], 5, "10 is no symbol"),
        ([1, -1], 5, "-1 is no symbol"),
        ([1, 1.5], 5, "1.5 is no symbol"),
    ],
)
def test_a_target_without_a_path_is_refused(target, n_outputs, reason):
    with pytest.raises(ConnectedDigitsError, match=reason):
        connected_digits.check_target(target, n_outputs)
    connected_digits.check_target([1, 2, 3], 3)
    connected_digits.check_target([1, 1], 3)
