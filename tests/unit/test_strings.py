"""Digit strings: composed, described, read; CTC's loss; and what is refused."""

import itertools

from course_utils import connected_digits, ctc, models, training
from course_utils.augmentation import spectra_of
from course_utils.features import COURSE_FRONT_END
from course_utils.metrics import word_error_rate
from course_utils.connected_digits import BLANK, ConnectedDigitsError

import keras
import numpy as np
import pytest


def random_table(rng, n_outputs, n_symbols):
    """Log-probabilities (outputs, symbols)."""
    logits = rng.normal(size=(n_outputs, n_symbols))
    return logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))


def loss_by_all_paths(table, target):
    """Minus the logarithm of the sum over every path that reads as the target; blank last."""
    n_outputs, n_symbols = table.shape
    total = 0.0
    for path in itertools.product(range(n_symbols), repeat=n_outputs):
        read = [k for k, _ in itertools.groupby(path) if k != n_symbols - 1]
        if read == list(target):
            total += np.exp(table[np.arange(n_outputs), path].sum())
    return -np.log(total)


# ---------------------------------------------------------------- composing


def test_the_same_seed_gives_the_same_strings_and_another_does_not(embedded):
    first, again, other = (connected_digits.compose(embedded, 5, seed) for seed in (1, 1, 2))
    for a, b in zip(first.waveforms, again.waveforms, strict=True):
        np.testing.assert_array_equal(a, b)
    assert any(len(a) != len(b) for a, b in zip(first.waveforms, other.waveforms, strict=True))


def test_strings_keep_to_what_they_promise(embedded):
    composed = connected_digits.compose(embedded, 60, seed=0, shortest=1, longest=7)
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
        connected_digits.compose(embedded, seed=0, **arguments)
    with pytest.raises(ConnectedDigitsError, match="from 0 clips"):
        connected_digits.compose(embedded.select([]), 1, seed=0)


# ---------------------------------------------------------------- features and network


def test_features_look_at_their_own_frame_only():
    rng = np.random.default_rng(0)
    waveform = (0.1 * rng.normal(size=4000)).astype(np.float32)
    features = connected_digits.connected_digit_features(waveform)
    assert features.shape == (COURSE_FRONT_END.n_frames(4000), 40)
    future = waveform.copy()
    future[80 * 20 + 256 :] = 0.9
    np.testing.assert_allclose(
        connected_digits.connected_digit_features(future)[:21], features[:21], atol=1e-5
    )
    late = connected_digits.connected_digit_features(waveform[800:])
    np.testing.assert_allclose(late, features[10:], atol=1e-4)
    assert not connected_digits.connected_digit_features(np.zeros(1000, np.float32)).any()


def test_the_network_is_causal_and_takes_any_length():
    training.set_seed(0)
    model = models.connected_digit_network()
    assert model.count_params() <= 150_000
    rng = np.random.default_rng(0)
    for n_frames in (4, 37, 100):
        features = rng.normal(size=(2, n_frames, 40)).astype(np.float32)
        logits = keras.ops.convert_to_numpy(model(features, training=False))
        assert logits.shape == (2, n_frames // 4, 11)
    changed = features.copy()
    changed[:, 60:] += 1
    after = keras.ops.convert_to_numpy(model(changed, training=False))
    atol = 1e-5 * np.abs(logits).max()  # before a training logits are small
    np.testing.assert_allclose(after[:, :15], logits[:, :15], atol=atol)
    assert np.abs(after[:, 15] - logits[:, 15]).max() > 1e-3 * np.abs(logits).max()


def test_padding_a_batch_changes_no_posterior(embedded):
    training.set_seed(0)
    model = models.connected_digit_network()
    composed = connected_digits.compose(embedded, 5, seed=0)
    together = ctc.log_posteriors(model, composed.waveforms)
    for waveform, table in zip(composed.waveforms, together, strict=True):
        (alone,) = ctc.log_posteriors(model, [waveform])
        assert len(table) == COURSE_FRONT_END.n_frames(len(waveform)) // connected_digits.STRIDE
        np.testing.assert_allclose(table, alone, atol=1e-4)
        connected_digits.check_log_probabilities(table)


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


# ---------------------------------------------------------------- the loss


def test_the_loss_is_the_sum_over_all_paths():
    rng = np.random.default_rng(0)
    targets = [(0, 1), (2, 2), (1,), (0, 0, 1)]
    table = random_table(rng, 6, 4)
    padded = np.zeros((4, 3), int)
    for row, target in zip(padded, targets, strict=True):
        row[: len(target)] = target
    lengths, outputs = np.array([2, 2, 1, 3]), np.array([6, 5, 4, 6])
    batch = np.repeat(table[None], 4, axis=0).astype(np.float32)
    found = ctc.checked_ctc_loss(padded, lengths, batch, outputs)
    expected = [loss_by_all_paths(table[:n], t) for n, t in zip(outputs, targets, strict=True)]
    np.testing.assert_allclose(found, expected, rtol=1e-4)


def test_the_loss_for_training_uses_the_true_lengths():
    rng = np.random.default_rng(0)
    logits = rng.normal(size=(2, 12, 11)).astype(np.float32)
    packed = np.array([[8, 0, 0, 5], [12, 9, -1, -1]])  # outputs, digits, padding
    found = keras.ops.convert_to_numpy(ctc.ctc_loss(packed, logits))
    expected = ctc.checked_ctc_loss([[0, 0, 5], [9, 0, 0]], [3, 1], logits, [8, 12])
    np.testing.assert_allclose(found, expected, rtol=1e-5)
    logits[0, 8:] = 50 * rng.normal(size=(4, 11))  # behind the end of the first string
    again = keras.ops.convert_to_numpy(ctc.ctc_loss(packed, logits))
    np.testing.assert_allclose(again, found, rtol=1e-5)


# ---------------------------------------------------------------- strings to train on


def make_strings(embedded, **arguments):
    clips = embedded.select(embedded.takes < 2)
    clips_of = spectra_of(clips.waveforms), clips.labels, clips.speakers
    return ctc.ConnectedDigitClips(*clips_of, seed=0, batch_size=16, **arguments), clips


def test_every_clip_is_said_once_an_epoch_by_its_speaker(embedded):
    batches, clips = make_strings(embedded)
    said, lengths = [], []
    for index in range(len(batches)):
        features, targets, spans = batches.batch(index)
        assert features.shape[0] == len(targets) == len(spans) and features.shape[2] == 40
        assert np.isfinite(features).all() and features.min() >= 0
        for row, places, n_frames in zip(targets, spans, targets[:, 0] * 4, strict=True):
            digits = row[1:][row[1:] >= 0]
            assert len(digits) == len(places) and places[-1, 1] < n_frames + 4
            assert n_frames <= features.shape[1]
            said.extend(digits)
            lengths.append(len(digits))
    np.testing.assert_array_equal(np.bincount(said), np.bincount(clips.labels))
    assert set(lengths) == set(range(1, 8))
    before = batches[0][0]
    batches.on_epoch_end()
    assert batches[0][0].shape != before.shape or not np.array_equal(batches[0][0], before)


def test_a_string_has_one_speaker(embedded):
    clips = embedded.select(embedded.takes < 1)
    as_labels = np.unique(clips.speakers, return_inverse=True)[1] % 10  # the speaker is the label
    batches = ctc.ConnectedDigitClips(
        spectra_of(clips.waveforms), as_labels, clips.speakers, seed=0, batch_size=8
    )
    for index in range(len(batches)):
        for row in batches[index][1]:
            digits = row[1:][row[1:] >= 0]
            assert len(set(digits.tolist())) == 1


def test_extra_voices_join_as_often(embedded):
    alone, clips = make_strings(embedded)
    extra = spectra_of(clips.waveforms), clips.labels, clips.speakers
    joined, _ = make_strings(embedded, extra=extra)
    assert len(joined.labels) == 2 * len(clips) and len(joined) > len(alone)


def test_training_strings_are_as_loud_as_those_to_be_read(embedded):
    batches, clips = make_strings(embedded)
    loudest = [batches[i][0].max(axis=(1, 2)) for i in range(len(batches))]
    low, high = np.percentile(np.concatenate(loudest), [1, 99])
    composed = connected_digits.compose(clips, 40, seed=0)
    heard = [
        connected_digits.connected_digit_features(waveform).max() for waveform in composed.waveforms
    ]
    assert np.mean((np.array(heard) > low) & (np.array(heard) < high)) > 0.9


def test_training_lowers_the_loss(embedded):
    training.set_seed(0)
    batches, _ = make_strings(embedded)
    history = training.train(
        models.connected_digit_network(),
        batches,
        epochs=3,
        loss=ctc.ctc_loss,
        metrics=(),
        progress=False,
    )
    assert history.history["loss"][-1] < 0.8 * history.history["loss"][0]


# ---------------------------------------------------------------- word error rate


def edit_distance(target, found):
    row = list(range(len(found) + 1))
    for i, said in enumerate(target, 1):
        before, row = row, [i]
        for j, heard in enumerate(found, 1):
            row.append(min(before[j] + 1, row[-1] + 1, before[j - 1] + (said != heard)))
    return row[-1]


def test_the_word_error_rate_is_edits_over_words_said():
    rng = np.random.default_rng(0)
    said = [rng.integers(0, 3, rng.integers(1, 8)) for _ in range(60)]
    found = [rng.integers(0, 3, rng.integers(0, 8)) for _ in range(60)]
    expected = sum(map(edit_distance, said, found)) / sum(map(len, said))
    rate = word_error_rate(said, found)
    assert rate.value == pytest.approx(expected) and rate.low < rate.value < rate.high
    assert word_error_rate(said, found) == rate


def test_no_error_still_has_an_interval():
    rate = word_error_rate([[1, 2]] * 50, [[1, 2]] * 50)
    assert rate.value == 0 and rate.low == 0 and 0.02 < rate.high < 0.05


def test_more_words_than_said_is_more_than_all_wrong():
    assert word_error_rate([[1]], [[2, 3, 4]]).value == 3


@pytest.mark.parametrize(
    ("said", "found", "reason"),
    [([[1]], [], "1 targets and 0 found"), ([[]], [[1]], "without words"), ([], [], "0 targets")],
)
def test_a_rate_of_nothing_is_refused(said, found, reason):
    with pytest.raises(ValueError, match=reason):
        word_error_rate(said, found)


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


@pytest.mark.parametrize(
    ("table", "reason"),
    [
        (np.log(np.full((3, 4), 0.2)), "output 0 sum to 0.8, not to 1"),
        (np.zeros((3, 4)), "sum to 4"),
        (np.full((3, 4), np.nan), "sum to nan"),
        (np.full((3, 4), 1e9), "sum to inf"),
        (np.log(np.full(4, 0.25)), r"expected, given \(4,\)"),
        (np.zeros((0, 4)), r"given \(0, 4\)"),
    ],
)
def test_what_holds_no_probabilities_is_refused(table, reason):
    with pytest.raises(ConnectedDigitsError, match=reason):
        connected_digits.check_log_probabilities(table)
    connected_digits.check_log_probabilities(np.log(np.full((3, 4), 0.25)))


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"target_lengths": [2]}, r"one target length a string, \(2,\), expected; given \(1,\)"),
        ({"output_lengths": [6, 6, 6]}, r"one output length a string, \(2,\)"),
        ({"target_lengths": [2, 4]}, "a target length of 4 in a batch that is 3 long"),
        ({"output_lengths": [6, 7]}, "an output length of 7 in a batch that is 6 long"),
        ({"output_lengths": [6, 2]}, "string 1: 3 words do not fit into 2 outputs"),
        ({"targets": [[1, 2, 3]]}, r"given \(1, 3\) and \(2, 6, 11\)"),
        ({"targets": [[1, 2, 0], [10, 1, 2]]}, "string 1: 10 is no symbol"),
        ({"target_lengths": [0, 3]}, "string 0: a target of shape"),
    ],
)
def test_a_batch_that_does_not_fit_together_is_refused(change, reason):
    batch = {
        "targets": [[1, 2, 0], [5, 6, 7]],
        "target_lengths": [2, 3],
        "logits": np.zeros((2, 6, 11), np.float32),
        "output_lengths": [6, 6],
    }
    assert np.isfinite(ctc.checked_ctc_loss(**batch)).all()
    with pytest.raises(ConnectedDigitsError, match=reason):
        ctc.checked_ctc_loss(**{**batch, **change})


def test_labels_that_are_no_digits_are_refused_before_the_training(embedded):
    clips = embedded.select(np.arange(20))
    labels = np.where(np.arange(20) == 7, 10, clips.labels)
    batches = ctc.ConnectedDigitClips(spectra_of(clips.waveforms), labels, clips.speakers, seed=0)
    with pytest.raises(ConnectedDigitsError, match="10 is no symbol"):
        for index in range(len(batches)):
            batches[index]
