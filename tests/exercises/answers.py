"""Submissions of every kind, put together from the answers in the folders beside this file."""

from __future__ import annotations

import copy
import json
import os
import re
import shutil
from dataclasses import dataclass, field
from pathlib import Path

from course_utils.instructors import assignments as commands
from course_utils.instructors import cells, examiner, sandbox
from course_utils.instructors.cells import grade_id, read_notebook, source_of
from course_utils.instructors.sandbox import Limits

import pytest
from nbgrader.apps import NbGraderAPI

ROOT = Path(__file__).resolve().parents[2]
PROOFS = Path(__file__).parent
ASSIGNMENTS = sorted(path.parent.name for path in (ROOT / "notebooks/exercises").glob("*/*.ipynb"))
NOT_WRITTEN = cells.NOT_WRITTEN.splitlines()[-1]
kinds: list[str | None] = []  # of the sandbox: which works here, which is asked for
ENDLESS = "while True:\n        import time; time.sleep(0.01)"
# An answer that reads the solution wherever a notebook or a gradebook of the course lies
SNOOP = """
import json, os, sqlite3
from pathlib import Path

def _look():
    for top in FOLDERS:
        for folder, _, names in os.walk(top):
            for name in names:
                if name.endswith((".ipynb", ".db", ".py")):
                    try:
                        text = open(os.path.join(folder, name), encoding="utf-8").read()
                        for cell in json.loads(text)["cells"]:
                            marks = cell["metadata"]["nbgrader"]
                            source = "".join(cell["source"])
                            if marks["grade_id"] == TASK and "BEGIN SOLUTION" in source:
                                return source
                    except (OSError, ValueError, KeyError, TypeError):
                        pass

exec(_look() or STUB)
"""


@dataclass
class Assignment:
    """A source notebook, its cells by name, and the answers that the proof tries."""

    name: str
    source: dict
    release: dict
    answers: dict[str, dict[str, str]] = field(default_factory=dict)  # by task, by file

    @property
    def tasks(self) -> dict[str, float]:
        """Points of each task that is graded automatically."""
        tests = {grade_id(cell): cell["metadata"]["nbgrader"] for cell in self.source["cells"]}
        return {name: tests[f"{name}-test"]["points"] for name in tests if f"{name}-test" in tests}

    @property
    def written(self) -> dict[str, float]:
        """Points of each question that a person reads."""
        marks = [cell["metadata"]["nbgrader"] for cell in self.source["cells"]]
        return {m["grade_id"]: m["points"] for m in marks if m["grade"] and m["solution"]}

    def cell(self, name: str, release: bool = False) -> str:
        """Return the text of a cell."""
        cells = (self.release if release else self.source)["cells"]
        return next(source_of(cell) for cell in cells if grade_id(cell) == name)

    def reference(self) -> dict[str, str]:
        """Return the solutions, by task."""
        return {name: self.cell(name) for name in (*self.tasks, *self.written)}

    def wrong(self, task: str) -> list[str]:
        """Return the names of the wrong answers to a task."""
        return [name for name in sorted(self.answers.get(task, {})) if name.startswith("wrong")]

    def submissions(self) -> dict[str, dict[str, str]]:
        """Combine answers of different tasks: cells by name, by student."""
        reference, tasks = self.reference(), list(self.tasks)
        edited, deleted, renamed, endless = (tasks[min(k, len(tasks) - 1)] for k in (0, 1, 2, -1))
        functions = re.findall(r"^def (\w+)", reference[renamed], re.M)
        made = {
            "broken": reference
            | {
                edited: self.snoop(edited),
                f"{edited}-test": f"print('passed')\n{float(self.tasks[edited])}",
                f"{deleted}-test": None,
                renamed: re.sub(rf"\b({'|'.join(functions)})\b", r"my_\1", reference[renamed]),
                tasks[-1]: self.cell(endless, release=True).replace(NOT_WRITTEN, ENDLESS),
            }
        }  # first: it waits for an endless loop, while others run beside it
        made |= {"reference": reference, "stub": {}}
        for kind in ("right_other_method.py", "right_that_warns.py"):
            made[kind[:-3]] = reference | {
                task: self.answers[task][kind]
                for task in tasks
                if kind in self.answers.get(task, {})
            }
        everyone = (*tasks, *self.written)
        for k in range(max((len(self.wrong(task)) for task in everyone), default=0)):
            made[f"wrong_{k}"] = reference | {
                task: self.answers[task][self.wrong(task)[k]]
                for task in everyone
                if k < len(self.wrong(task))
            }
        return made

    def snoop(self, task: str) -> str:
        """Return an answer that looks for the solution in the files around it."""
        known = f"TASK = {task!r}\nSTUB = {self.cell(task, release=True)!r}\n"
        return known + f"FOLDERS = ['.', {str(ROOT)!r}, COURSE]\n" + SNOOP


def write(assignment: Assignment, changes: dict[str, str | None], path: Path) -> None:
    """Write a submission: the release, with the cells in `changes` replaced or deleted."""
    notebook = copy.deepcopy(assignment.release)
    notebook["cells"] = [c for c in notebook["cells"] if changes.get(grade_id(c), "") is not None]
    for cell in notebook["cells"]:
        cell["source"] = changes.get(grade_id(cell), source_of(cell))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(notebook), encoding="utf-8")


def grade_answer(course: Path, limits: Limits, name: str, student: str) -> tuple:
    """Grade a submission of the proof, in a process of `run_jobs`.

    The reference and the broken submission are graded as `make grade` does. Of the others only
    the points matter: where that is possible, they share a warm sandbox (`sandbox.Stock`), and
    get no page.
    """
    if examiner.choose is sandbox.choose:  # the first job of this process
        kinds[:] = [sandbox.choose()[0], os.environ.get("COURSE_SANDBOX")]
        if kinds == ["bubblewrap", None]:
            os.environ["COURSE_SANDBOX"] = sandbox.WARM  # for the examiners that it starts
    if kinds != ["bubblewrap", None] or student in ("reference", "broken"):
        examiner.choose = lambda: (kinds[0], "")
        return commands.grade_one(course, limits, name, student, {})
    examiner.choose = lambda: (sandbox.WARM, "")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(NbGraderAPI, "generate_feedback", lambda *course: None)
        return commands.grade_one(course, limits, name, student, {})


def make_course(folder: Path, names: list[str]) -> dict[str, Assignment]:
    """Copy the assignments into an empty course, and make the students' versions."""
    made = {}
    for name in names:
        source, release = commands.notebooks(folder, name)
        shutil.copytree(ROOT / "notebooks/exercises" / name, source.parent)
        assert commands.generate(folder, name) == []
        made[name] = Assignment(name, read_notebook(source), read_notebook(release))
        for path in sorted((PROOFS / name).glob("*/*.*")):
            text = path.read_text(encoding="utf-8")
            made[name].answers.setdefault(path.parent.name, {})[path.name] = text
    return made
