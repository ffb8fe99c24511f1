"""What `run.py grading` measures: how long a class waits for its grades.

Thirty submissions of one assignment, alike but for their names, are graded as `make grade`
does, in two processes: collected, run by nbgrader, given feedback.
"""

from __future__ import annotations

import shutil
import tempfile
import time
from pathlib import Path

from course_utils.instructors import assignments

ASSIGNMENT = "01_signals"


def seconds_for_a_class(n_students: int = 30) -> float:
    """Return the seconds by the clock that `make grade` takes for `n_students` right answers."""
    with tempfile.TemporaryDirectory() as folder:
        course = Path(folder)
        source, _ = assignments.notebooks(assignments.ROOT, ASSIGNMENT)
        copy, _ = assignments.notebooks(course, ASSIGNMENT)
        shutil.copytree(source.parent, copy.parent)
        students = [f"student-{number:02d}" for number in range(n_students)]
        for student in students:
            inbox = course / "build" / "submitted" / student / ASSIGNMENT
            inbox.mkdir(parents=True)
            shutil.copy(source, inbox)
        start = time.perf_counter()
        problems = assignments.generate(course, ASSIGNMENT)
        rows = assignments.grade_all(course, [(ASSIGNMENT, student) for student in students])
        taken = time.perf_counter() - start
        if problems or any(row["score"] != 18 for row in rows):  # 2 points are given by hand
            raise RuntimeError(f"not every submission got its points: {problems or rows[0]}")
    return taken
