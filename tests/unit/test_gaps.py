"""Whatever the reader writes into a gap, the cell says what is wrong and raises nothing."""

from course_utils.lessons import check_gap

import numpy as np
import pytest


def empty(x):
    """Left as it came."""


def unfinished(x):
    raise NotImplementedError


def right(x):
    return 2 * np.asarray(x)


def wrong(x):
    return right(x) + np.array([0, 0.5, 0])


def short(x):
    return right(x)[:2]


def broken(x):
    return x / {}


def text(x):
    return "twice"


@pytest.mark.parametrize(
    ("attempt", "said"),
    [
        (empty, "Still empty"),
        (unfinished, "Still empty"),
        (right, "✅ right is right"),
        (wrong, "❌ wrong is wrong at (1,): 4.5; expected 4"),
        (short, "❌ short returns the shape (2,); expected (3,)"),
        (broken, "❌ broken raises TypeError"),
        (text, "❌ text returns 'twice'; expected numbers"),
    ],
)
def test_what_is_said(attempt, said, capsys):
    check_gap(attempt, np.array([1.0, 2.0, 3.0]), expected=np.array([2.0, 4.0, 6.0]))
    assert said in capsys.readouterr().out


def test_a_number_and_its_tolerance(capsys):
    check_gap(lambda: 1.001, expected=1.0, tolerance=1e-2)
    check_gap(lambda: 1.1, expected=1.0, tolerance=1e-2)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("✅") and lines[1].endswith("is wrong: 1.1; expected 1")
