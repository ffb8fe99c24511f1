"""Error rates and their intervals, against SciPy and by hand."""

from course_utils import metrics
from course_utils.metrics import bootstrap_interval, word_error_rate

import numpy as np
import pytest
from scipy.stats import binomtest

# ---------------------------------------------------------------- proportions


@pytest.mark.parametrize(("successes", "trials"), [(0, 10), (3, 10), (297, 300), (300, 300)])
def test_interval_equals_scipys(successes, trials):
    expected = binomtest(successes, trials).proportion_ci(method="wilson")
    rate = metrics.proportion(successes, trials)
    assert (rate.low, rate.high) == pytest.approx((expected.low, expected.high), abs=1e-6)


def test_accuracy_refuses_logits_and_nothing():
    assert metrics.accuracy([1, 2, 3, 3], [1, 2, 3, 4]).value == 0.75
    with pytest.raises(ValueError, match="argmax"):
        metrics.accuracy(np.zeros(3), np.zeros((3, 10)))
    with pytest.raises(ValueError, match="no proportion"):
        metrics.accuracy([], [])


def test_confusion_counts():
    counts = metrics.confusion(np.array([0, 0, 1]), np.array([0, 1, 1]), 2)
    np.testing.assert_array_equal(counts, [[1, 1], [0, 1]])


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


def test_edits_are_counted_string_by_string():
    rng = np.random.default_rng(1)
    said = [rng.integers(0, 3, rng.integers(1, 8)) for _ in range(20)]
    found = [rng.integers(0, 3, rng.integers(0, 8)) for _ in range(20)]
    errors, words = metrics.edits(said, found)
    np.testing.assert_array_equal(errors, list(map(edit_distance, said, found)))
    np.testing.assert_array_equal(words, list(map(len, said)))


def test_the_bootstrap_is_as_wide_as_the_normal_approximation():
    part = np.random.default_rng(0).normal(3, 1, 400)
    half = 1.96 * part.std() / 20
    expected = part.mean() - half, part.mean() + half
    assert bootstrap_interval(part, np.ones(400)) == pytest.approx(expected, abs=half / 5)
    again = bootstrap_interval(part, np.ones(400), seed=0)
    assert again == bootstrap_interval(part, np.ones(400), seed=0)
    assert again != bootstrap_interval(part, np.ones(400), seed=1)


@pytest.mark.parametrize(("part", "whole"), [([0, 0, 0], [2, 3, 4]), ([2, 2], [5, 5]), ([3], [4])])
def test_where_nothing_varies_the_interval_is_wilsons(part, whole):
    share = metrics.proportion(sum(part), sum(whole))
    assert bootstrap_interval(part, whole) == (share.low, share.high)


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
