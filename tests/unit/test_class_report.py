"""The report on a class: it counts right, names nobody, and takes what is there."""

import json

from course_utils.instructors.class_report import (
    Part,
    Texts,
    common_reasons,
    minutes_taken,
    parts_of,
    shown_reason,
    write_report,
)

import pytest

TEST = """
# The tests: 2 points.
### BEGIN HIDDEN TESTS
for name in ("anna", "a tone"):
    with marks.part(1, f"the power of {name}"):
        assert power == right, f"{name}: {right:.1f}, not {power:.1f}. Is the mean square taken?"
with marks.part(1, "silence. It has no power"):
    assert power(silence) == 0, "What is the power of nothing?"
    assert shape == right, f"{text}"
marks.total
### END HIDDEN TESTS
"""


def cell(name: str, source: str, said: str = "", grade: bool = True) -> dict:
    marks = {"grade_id": name, "grade": grade, "solution": False, "points": 2}
    outputs = [{"output_type": "stream", "name": "stdout", "text": said}] if said else []
    return {
        "cell_type": "code", "metadata": {"nbgrader": marks}, "source": source, "outputs": outputs
    }  # fmt: skip


def notebook(said: str = "") -> dict:
    return {"cells": [cell("intro", "1", grade=False), cell("power-test", TEST, said)]}


RIGHT = "✅ 1 of 1: the power of a tone\n✅ 1 of 1: silence. It has no power\n"
ANSWERS = [
    RIGHT,
    "❌ 0 of 1: the power of a tone. a tone: 0.5, not 1.0. Is the mean square taken?\n"
    "❌ 0 of 1: silence. It has no power. What is the power of nothing?\n",
    "❌ 0 of 1: the power of a tone. a tone: 0.5, not 1.0. Is the mean square taken?\n"
    "❌ 0 of 1: silence. It has no power. ValueError: I am Zoe Quist\n",
    "❌ 0 of 1: the power of a tone. Zoe: 0.5, not 0.7. Is the mean square taken?\n"
    "❌ 0 of 1: silence. It has no power. ZoeQuist: help\n",
    "❌ 0 of 1: the power of a tone. power returned Zoe: return numbers, text, lists, tuples, "
    "dicts or NumPy arrays\n❌ 0 of 1: silence. It has no power. not answered\n",
]


def test_each_part_is_counted_with_its_commonest_reasons():
    tone, silence = parts_of(notebook(), [notebook(said) for said in ANSWERS])
    assert (tone.task, tone.what, tone.points) == ("power", "the power of a tone", "1")
    assert (tone.passed, tone.tried) == (1, 5) and (silence.passed, silence.tried) == (1, 5)
    assert silence.what == "silence. It has no power"
    assert common_reasons(tone) == [
        (3, "a tone: 0.5, not 1.0. Is the mean square taken? (2 times; else with other values)"),
        (1, "it gave back what is no plain data"),
    ]
    assert sorted(common_reasons(silence)) == [
        (1, "What is the power of nothing?"),
        (1, "another reason"),
        (1, "not answered"),
        (1, "the answer raised ValueError"),
    ]


@pytest.mark.parametrize(
    ("reason", "shown"),
    [
        ("a tone: 3.5, not −1e-3. Is the mean square taken?",
         "a tone: 3.5, not −1e-3. Is the mean square taken?"),
        ("Bob: 3, not my secret. Is the mean square taken?",
         "…: 3, not …. Is the mean square taken?"),
        ("What is the power of nothing?", "What is the power of nothing?"),
        ("Bob", "another reason"),
        ("Bob was here: 1", "another reason"),
        ("Bob: error", "another reason"),
        ("TypeError: Bob", "the answer raised TypeError"),
        ("it ran for more than 10 s: does the loop end?", "it ran for more than 10 s"),
        ("not tried, because the part before took too long",
         "not tried, because the part before took too long"),
        ("the result is not what was expected", "the result is not what was expected"),
    ],
)  # fmt: skip
def test_of_a_reason_only_what_the_test_itself_says_is_shown(reason, shown):
    assert shown_reason(reason, Texts(TEST))[0] == shown


def test_equal_answers_with_other_numbers_are_one_reason():
    part = Part("power", "a tone", "1")
    texts = Texts(TEST)
    for number in ("0.1", "0.2", "0.3"):
        reason = f"a tone: 0.5, not {number}. Is the mean square taken?"
        part.reasons.append(shown_reason(reason, texts))
    assert common_reasons(part) == [(3, "…: …, not …. Is the mean square taken?")]
    part.reasons = part.reasons[:1]
    assert common_reasons(part) == [(1, "a tone: 0.5, not 0.1. Is the mean square taken?")]


# ---------------------------------------------------------------- the page


@pytest.fixture
def course(tmp_path):
    path = tmp_path / "notebooks" / "exercises" / "00_power" / "power.ipynb"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(notebook()), encoding="utf-8")
    (tmp_path / "build").mkdir()
    return tmp_path


def hand_in(course, student: str, said: str | None, **more) -> dict:
    row = {"student": student, "assignment": "00_power", "status": "graded", "score": 1, "of": 2}
    if said is not None:
        path = course / "build" / "autograded" / student / "00_power" / "power.ipynb"
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps(notebook(said)), encoding="utf-8")
    return row | more


def stamp(course, student: str, **times: str) -> None:
    folder = course / "build" / "submitted" / student / "00_power"
    folder.mkdir(parents=True)
    for name, time in times.items():
        (folder / f"{name}.txt").write_text(time)


def test_the_page_counts_the_class_and_names_nobody(course):
    names = ["anna", "bob", "Zoe Quist", "quist", "emil"]
    rows = [hand_in(course, name, said) for name, said in zip(names, ANSWERS)]
    rows.append(hand_in(course, "fritz", None, status="missing", score=""))
    rows.append(hand_in(course, "gerda", None, status="not graded", remarks="gerda's is empty"))
    stamp(course, "anna", fetched="2026-03-01 12:00:00 UTC", timestamp="2026-03-01 13:30:00 UTC")
    stamp(course, "bob", timestamp="2026-03-01 13:30:00 UTC")
    page = write_report(course, rows).read_text(encoding="utf-8")
    assert "6 handed in: 5 graded, 1 missing, 1 not graded." in page
    assert "1 of 5" in page and "3 × a tone: 0.5, not 1.0. Is the mean square" in page
    assert "(known of 1 of 6): 90 min in the middle" in page
    for name in ("anna", "bob", "zoe", "quist", "emil", "fritz", "gerda"):
        assert name not in page.lower(), name


def test_a_class_of_one_and_of_none(course):
    assert write_report(course, []) is None
    assert write_report(course, [hand_in(course, "x", None, assignment="99_gone")]) is None
    empty = hand_in(course, "anna", None, status="not graded", score="", of="")
    assert "Nothing in it could be graded" in write_report(course, [empty]).read_text("utf-8")
    one = hand_in(course, "bob", RIGHT, score="much", of="")  # somebody changed the table
    page = write_report(course, [empty, one]).read_text(encoding="utf-8")
    assert "1 of 1" in page and "2 handed in" in page and "is not known" in page


def test_what_an_answer_says_is_no_part_of_the_page(course):
    said = "❌ 0 of 1: silence. It has no power. KeyError: <script>alert(1)</script>\nhello\n"
    page = write_report(course, [hand_in(course, "anna", said)]).read_text(encoding="utf-8")
    assert "alert" not in page and "the answer raised KeyError" in page and "hello" not in page


@pytest.mark.parametrize(
    ("times", "minutes"),
    [
        ({}, None),
        ({"timestamp": "2026-03-01 13:30:00 UTC"}, None),
        ({"fetched": "2026-03-01 12:00:00 UTC", "timestamp": "2026-03-01 13:30:30 UTC"}, 90.5),
        ({"fetched": "2026-03-01 15:00:00 +0200", "timestamp": "2026-03-01 13:30:00 UTC"}, 30),
        ({"fetched": "2026-03-02 12:00:00 UTC", "timestamp": "2026-03-01 13:30:00 UTC"}, None),
        ({"fetched": "yesterday", "timestamp": "2026-03-01 13:30:00 UTC"}, None),
    ],
)
def test_the_minutes_are_those_between_two_times_that_are_known(course, times, minutes):
    stamp(course, "anna", **times)
    assert minutes_taken(course / "build" / "submitted" / "anna" / "00_power") == minutes
