"""How long a class waits for its grades.

Thirty submissions of one assignment, alike but for their names, are graded as `make grade`
does, in two processes: collected, run by nbgrader, given feedback. That happens in a process
of its own, as these two begin with all that the first one has imported.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from course_utils.instructors import assignments
from course_utils.paths import ROOT

ASSIGNMENT = "01_signals"
N_STUDENTS = 30


def setup() -> Any:
    """What the numbers depend on."""
    return ASSIGNMENT, N_STUDENTS


def seconds_for_a_class(n_students: int) -> float:
    """Return the seconds by the clock that `make grade` takes for right answers."""
    with tempfile.TemporaryDirectory() as folder:
        course = Path(folder)
        source, _ = assignments.notebooks(ROOT, ASSIGNMENT)
        copy, _ = assignments.notebooks(course, ASSIGNMENT)
        shutil.copytree(source.parent, copy.parent)
        students = [f"student-{number:02d}" for number in range(n_students)]
        for student in students:
            inbox = course / "build" / "submitted" / student / ASSIGNMENT
            inbox.mkdir(parents=True)
            shutil.copy(source, inbox)
        start = time.perf_counter()
        problems = assignments.generate(course, ASSIGNMENT)
        graded = assignments.grade_all(course, [(ASSIGNMENT, student) for student in students])
        taken = time.perf_counter() - start
        if problems or any(row["score"] != row["of"] - row["by_hand"] for row in graded):
            raise RuntimeError(f"not every submission got its points: {problems or graded[0]}")
    return taken


def measure() -> list[dict[str, Any]]:
    """Grade a class once."""
    command = [sys.executable, "-m", "tests.benchmarks.grading"]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    value, metric = float(done.stdout.splitlines()[-1]), f"{N_STUDENTS} submissions"
    return [{"model": ASSIGNMENT, "metric": metric, "value": value, "unit": "s"}]


if __name__ == "__main__":
    print(round(seconds_for_a_class(N_STUDENTS), 1))
