"""A tiny assignment and the submissions of a class, for the tests of `make grade`."""

from __future__ import annotations

import csv
import json
from pathlib import Path

from course_utils.instructors import assignments as commands
from course_utils.instructors.cells import grade_id, read_notebook

NAME = "00_tiny"
SETUP = "import os, sys, time"
DOUBLE = """
def double(x: float) -> float:
    \"\"\"Twice x.\"\"\"
    ### BEGIN SOLUTION
    return 2 * x
    ### END SOLUTION
"""
HALF = DOUBLE.replace("double", "half").replace("Twice", "Half of").replace("2 * x", "x / 2")
SCHEME = "Why?\n### BEGIN MARK SCHEME\n1 point: so\n### END MARK SCHEME"
TEST = """
# The tests: 2 points.
### BEGIN HIDDEN TESTS
from course_utils.instructors.examination import Marks

marks = Marks()
with marks.part(0.5, "a whole number"):
    assert FUNCTION(4) == EXPECTED, "What is FUNCTION of 4?"
with marks.part(1.5, "nothing"):
    assert FUNCTION(0) == 0
marks.total
### END HIDDEN TESTS
"""


def cell(name: str, source: str, kind: str = "code", points: float | None = None, solution=False):
    marks = {
        "schema_version": 3, "grade_id": name, "grade": points is not None, "task": False,
        "solution": solution, "locked": not solution,
    }  # fmt: skip
    if points is not None:
        marks["points"] = points
    made = {"cell_type": kind, "id": name, "metadata": {"nbgrader": marks}, "source": source}
    return made | ({"outputs": [], "execution_count": None} if kind == "code" else {})


def tiny(**changes: str) -> dict:
    """Return an assignment of two tasks and a question; `changes` replace the text of cells."""
    cells = [
        cell("intro", "# Tiny", "markdown"),
        cell("setup", SETUP),
        cell("double", DOUBLE.strip(), solution=True),
        cell("double-check", 'assert double(1) == 2, "Twice one?"'),
        cell("double-test", TEST.replace("FUNCTION", "double").replace("EXPECTED", "8"), points=2),
        cell("half", HALF.strip(), solution=True),
        cell("half-check", 'assert half(1) == 0.5, "Half of one?"'),
        cell("half-test", TEST.replace("FUNCTION", "half").replace("EXPECTED", "2"), points=2),
        cell("why-task", SCHEME, "markdown"),
        cell("why", "### BEGIN SOLUTION\nSo.\n### END SOLUTION", "markdown", 1, solution=True),
    ]  # fmt: skip
    for made in cells:
        made["source"] = changes.get(made["id"].replace("-", "_"), made["source"]).strip()
    spec = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return {"cells": cells, "metadata": {"kernelspec": spec}, "nbformat": 4, "nbformat_minor": 5}


def new_course(root, **changes: str):
    source, _ = commands.notebooks(root, NAME)
    source.parent.mkdir(parents=True)
    source.write_text(json.dumps(tiny(**changes)), encoding="utf-8")
    return root


def released(root: Path) -> dict:
    """Return what students are given."""
    return read_notebook(commands.notebooks(root, NAME)[1])


def answered(root, **answers: str) -> dict:
    """Return the release with right answers, except for those given."""
    notebook = released(root)
    right = {"double": "def double(x):\n    return 2 * x", "half": "def half(x):\n    return x / 2"}
    for made in notebook["cells"]:
        made["source"] = (right | answers).get(grade_id(made)) or made["source"]
    return notebook


def hand_in(root, student: str, content: object, name: str = "tiny.ipynb"):
    path = root / "build/submitted" / student / NAME / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return path


def read_grades(root) -> dict[str, dict[str, str]]:
    """Return grades.csv by student, as a spreadsheet reads it."""
    with open(root / "build/grades.csv", newline="", encoding="utf-8-sig") as file:
        return {row["student"]: row for row in csv.DictReader(file)}


def feedback(root, student: str) -> str:
    """Return a student's page."""
    return (root / "build/feedback" / student / NAME / "tiny.html").read_text(encoding="utf-8")
