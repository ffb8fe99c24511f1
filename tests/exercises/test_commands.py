"""`make assignments` and `make grade` with everything that students hand in; a tiny assignment."""

from __future__ import annotations

import copy
import json
import os
import subprocess
import sys
import textwrap

from course_utils.instructors import assignments as commands
from course_utils.instructors import grading
from course_utils.instructors.cells import grade_id, read_notebook
from course_utils.instructors.examination import Marks
from course_utils.instructors.sandbox import Limits

import pytest
from answers import ASSIGNMENTS, ROOT
from classroom import HALF, NAME, answered, hand_in, new_course, read_grades, released

LIMITS = Limits(cell_seconds=3, again_seconds=1)


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    root = new_course(tmp_path_factory.mktemp("tiny"))
    assert commands.release(root, [NAME]) == 0
    return root


HOSTILE = {
    "double": """def double(x):
    while x == 4:
        try:
            while True:
                time.sleep(0.01)
        except BaseException:
            pass
    return 2 * x
""",
    "half": "def half(x):\n    os._exit(1)",
}


@pytest.fixture(scope="module")
def rows(course):
    """Hand in what students hand in; return grades.csv by student."""
    hand_in(course, "anna", answered(course))
    hand_in(course, "not-json", "Dear teacher, my notebook does not open.")
    hand_in(course, "nested", "[" * 100_000)
    hand_in(course, "empty", "")
    hand_in(course, "no-cells", {"cells": [], "metadata": {}})
    hand_in(course, "list", [1, 2])
    hand_in(course, "nothing", "%PDF", "report.pdf")
    other = answered(course)
    for made in other["cells"]:
        made["metadata"]["nbgrader"]["grade_id"] = f"mel-{made['id']}"
    hand_in(course, "other-assignment", other)
    kernel = answered(course)
    kernel["metadata"] = {"kernelspec": {"name": "ir"}, "language_info": {"name": "R"}}
    hand_in(course, "other-kernel", kernel)
    order = answered(course)
    order["cells"].reverse()
    hand_in(course, "o'brien [2]", order)
    large = answered(course)
    large["cells"][2]["outputs"] = [
        {"output_type": "stream", "name": "stdout", "text": "x" * 50_000_000}
    ]
    hand_in(course, "large", large, "tiny (1).ipynb")
    untidy = answered(course)
    double, why = untidy["cells"][2], untidy["cells"][-1]
    stub = next(c for c in released(course)["cells"]
                if grade_id(c) == "double")  # fmt: skip
    extra = {"cell_type": "code", "metadata": {}, "source": ["offset = 0\n", "print(offset)"]}
    double["source"] = ["def double(x):\n", "    return 2 * x + offset"]
    why["source"] = "Because."
    untidy["cells"][2:3] = [extra, double, stub]  # a copy of the stub below the answer
    hand_in(course, "untidy", untidy)
    hand_in(
        course, "hostile", answered(course, **{k: textwrap.dedent(v) for k, v in HOSTILE.items()})
    )
    hand_in(course, "leaves", answered(
        course, double="def double(x):\n    sys.exit()", half="def half(x):\n    return 'much'"
    ))  # fmt: skip
    flood = "def double(x):\n    while True:\n        print('x' * 100)"
    hand_in(course, "flood", answered(course, double=flood))
    old = {"nbformat": 3, "metadata": {}, "worksheets": [{"cells": answered(course)["cells"]}]}
    hand_in(course, "nbformat-3", old)
    if hasattr(os, "symlink"):
        link = course / "build/submitted/link" / NAME / "tiny.ipynb"
        link.parent.mkdir(parents=True)
        os.symlink(commands.notebooks(course, NAME)[0], link)
    (course / "build/submitted/absent").mkdir()
    assert commands.grade(course, [NAME], LIMITS) == 0
    return read_grades(course)


@pytest.mark.parametrize(
    ("student", "reason"),
    [
        ("not-json", "not JSON"),
        ("nested", "not JSON"),
        ("empty", "empty (0 bytes)"),
        ("no-cells", "without any cell"),
        ("list", "without any cell"),
        ("nothing", "there is no notebook (found: report.pdf)"),
        ("other-assignment", "not a notebook of this assignment (cells of another one: mel-intro"),
        ("link", "there is no notebook (found: tiny.ipynb)"),
    ],
)
def test_what_cannot_be_graded_is_reported_with_the_reason(student, reason, rows):
    row = rows[student]
    assert row["status"] == "not graded" and row["score"] == "", row
    assert reason in row["remarks"]


@pytest.mark.parametrize(
    ("student", "score", "remark"),
    [
        ("anna", 4, ""),
        ("other-kernel", 4, "made with the kernel ir (R)"),
        ("o'brien [2]", 4, "cells are in another order"),
        ("large", 4, "the file is called tiny (1).ipynb"),
        ("large", 4, "50 MB large"),
        ("untidy", 4, "cells there twice, the last that is answered counts: double"),
        ("nbformat-3", 4, ""),
        ("hostile", 0, "double-test: stopped, because it ran too long"),
        ("hostile", 0, "half-check: Python ended"),
        ("leaves", 0, ""),
        ("flood", 2, "double-check: stopped, because it ran too long"),
    ],
)
def test_the_rest_is_graded_as_far_as_possible(student, score, remark, rows):
    row = rows[student]
    assert row["status"] in ("graded", "grade by hand"), row
    assert float(row["score"]) == score and float(row["of"]) == 5, row
    assert remark in row["remarks"], row


def test_who_handed_nothing_in_is_listed(rows):
    assert rows["absent"]["status"] == "missing"
    assert rows["untidy"]["status"] == "grade by hand" and rows["untidy"]["by_hand"] == "1"


def test_the_report_on_the_class_says_what_stopped_them_and_names_nobody(course, rows):
    page = (course / "build/class-report.html").read_text(encoding="utf-8")
    assert f"<h2>{NAME}</h2>" in page and "17 handed in" in page
    assert "a whole number" in page and ("too long" in page or "it ran for more than" in page)
    for student in rows:
        assert student not in page or student in ("list", "nothing", "empty", "large"), student
    for folder in ("submitted", "autograded"):
        assert folder not in page


def test_feedback_says_what_was_tried_and_keeps_the_tests_hidden(course, rows):
    page = (course / "build/feedback/leaves" / NAME / "tiny.html").read_text(encoding="utf-8")
    assert "0 of 0.5: a whole number" in page and "SystemExit" in page
    assert "marks.part" not in page and "1 point: so" not in page


def test_grading_again_keeps_what_was_graded_by_hand(course, rows):
    api = grading.api(course)
    with api.gradebook as gradebook:
        grade = gradebook.find_grade("why", "tiny", NAME, "untidy")
        grade.manual_score, grade.needs_manual_grade = 0.5, False
        gradebook.db.commit()
    hand_in(course, "anna", answered(course, half="def half(x):\n    return 0"))
    stamp = course / "build/autograded/untidy" / NAME / "tiny.ipynb"
    graded_at = stamp.stat().st_mtime
    for student in ("hostile", "flood", "large"):
        (course / "build/submitted" / student / NAME).rename(course / student)
    assert commands.grade(course, [NAME], LIMITS) == 0
    again = read_grades(course)
    assert again["untidy"]["score"] == "4.5" and again["untidy"]["status"] == "graded"
    assert stamp.stat().st_mtime == graded_at, "what did not change is not graded again"
    assert again["anna"]["score"] == "3.5", "what changed is"


def test_nothing_to_grade_is_told(tmp_path, capsys):
    assert commands.grade(new_course(tmp_path), [NAME]) == 1
    assert "Nothing to grade. Put submissions into" in capsys.readouterr().out


# ---------------------------------------------------------------- what students are given


def test_the_release_holds_nothing_hidden(course):
    source, release = map(read_notebook, commands.notebooks(course, NAME))
    text = json.dumps(release)
    for secret in ("SOLUTION", "HIDDEN", "MARK SCHEME", "2 * x", "marks.part", "1 point: so"):
        assert secret not in text
    assert commands.leaks(source, release) == []
    for damaged in ("return 2 * x", "    return x / 2  ", "1 point: so", "### BEGIN HIDDEN TESTS"):
        leaking = copy.deepcopy(release)
        leaking["cells"][0]["source"] += f"\n{damaged}"
        assert commands.leaks(source, leaking) == [damaged.strip()]
    leaking = copy.deepcopy(release)
    leaking["cells"][1]["outputs"] = [{"output_type": "stream", "text": "the answer is 8"}]
    assert commands.leaks(source, leaking) == ["an output"]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"half": HALF.replace("BEGIN SOLUTION", "BEGIN ANSWER")}, "half: there is no"),
        ({"half": HALF.replace("END SOLUTION", "END ANSWER")}, "no end solution statement found"),
        ({"half_check": "print('fine')"}, "half-check passes before anything is answered"),
        ({"setup": "import nowhere"}, "setup: ModuleNotFoundError"),
        (
            {"half_check": "assert half(1) == 0.5\nhalf = 3", "double_check": "1 / 0"},
            "ZeroDivision",
        ),
    ],
)
def test_a_faulty_assignment_is_not_released(changes, reason, tmp_path, capsys):
    root = new_course(tmp_path, **changes)
    assert commands.release(root, [NAME]) == 1
    assert reason in capsys.readouterr().out
    assert not commands.notebooks(root, NAME)[1].exists()


@pytest.mark.parametrize("name", ASSIGNMENTS)
def test_the_source_is_stored_without_outputs(name):
    source, _ = commands.notebooks(ROOT, name)
    cells = read_notebook(source)["cells"]
    assert all(grade_id(made) for made in cells), "each cell has a grade_id"
    assert not any(made.get("outputs") or made.get("execution_count") for made in cells)


# ---------------------------------------------------------------- inside the grading kernel


def test_marks_are_given_part_by_part(capsys):
    marks = Marks()
    with marks.part(1, "right"):
        pass
    with marks.part(0.5, "wrong"):
        raise AssertionError("Which one?")
    with marks.part(2, "leaves"):
        sys.exit()
    with marks.part(1, "not there"):
        raise NotImplementedError
    with marks.part(0.5, "right again"):
        pass
    assert marks.total == 1.5
    told = capsys.readouterr().out.splitlines()
    assert told[0] == "✅ 1 of 1: right" and told[1] == "❌ 0 of 0.5: wrong. Which one?"
    assert "SystemExit" in told[2] and "not answered" in told[3]


@pytest.mark.skipif(os.name == "nt", reason="no interval timers")
def test_a_part_that_never_ends_is_stopped(monkeypatch, capsys):
    monkeypatch.setattr("course_utils.instructors.examination.LONGEST_PART", 0.2)
    marks = Marks()
    with marks.part(1, "before"):
        pass
    with marks.part(1, "endless"):
        while True:
            pass
    with marks.part(1, "after"):
        while True:
            pass
    assert marks.total == 1
    told = capsys.readouterr().out
    assert "does the loop end?" in told and "not tried" in told


# ---------------------------------------------------------------- nbgrader's own commands


def test_nbgraders_own_commands_work(tmp_path):
    root = new_course(tmp_path)
    config = (ROOT / "nbgrader_config.py").read_text(encoding="utf-8")
    (root / "nbgrader_config.py").write_text(config, encoding="utf-8")

    def nbgrader(*arguments: str) -> str:
        command = [sys.executable, "-m", "nbgrader", *arguments]
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        result = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True)
        assert result.returncode == 0, result.stderr
        return result.stdout + result.stderr

    nbgrader("generate_assignment", NAME)
    hand_in(root, "anna", answered(root, half="import warnings\n\n\ndef half(x):\n"
                                   "    warnings.warn('soon')\n    return x / 2"))  # fmt: skip
    nbgrader("autograde", NAME)
    with grading.api(root).gradebook as gradebook:
        assert gradebook.find_submission(NAME, "anna").score == 4, "a warning costs nothing"
    release = str(commands.notebooks(root, NAME)[1])
    assert "VALIDATION FAILED ON 3 CELL(S)" in nbgrader("validate", release)
