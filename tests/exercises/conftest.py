"""Every submission of the proof, graded once by nbgrader; a table of what was caught."""

from __future__ import annotations

import re

from course_utils.instructors.cells import grade_id, read_notebook
from course_utils.instructors.sandbox import Limits
from course_utils.instructors.workers import run_jobs

import pytest
from answers import ASSIGNMENTS, grade_answer, make_course, write

CAUGHT = pytest.StashKey[dict]()
WORKERS = 3  # one of them waits for an endless loop
LIMITS = Limits(cell_seconds=6, again_seconds=2)  # endless loops are tried in each assignment


@pytest.fixture(scope="session")
def proof(request, tmp_path_factory):
    """Grade all submissions of all assignments that this run asks for, side by side.

    Returns the assignments, and by (assignment, student): the row of grades.csv, the points by
    cell, and the names of the checks that passed.
    """
    course = tmp_path_factory.mktemp("course")
    items = [getattr(item, "callspec", None) for item in request.session.items]
    wanted = {spec.params.get("name") for spec in items if spec}
    assignments = make_course(course, [name for name in ASSIGNMENTS if name in wanted])
    jobs = []
    for name, assignment in assignments.items():
        for student, changes in assignment.submissions().items():
            path = course / "build/submitted" / student / name / f"{name.partition('_')[2]}.ipynb"
            changes = {
                key: text and text.replace("COURSE]", f"{str(course)!r}]")
                for key, text in changes.items()
            }
            write(assignment, changes, path)
            jobs.append((name, student))
    results = {}
    for job, answer, problem in run_jobs(grade_answer, (course, LIMITS), jobs, WORKERS):
        assert not problem, (job, problem)
        (name, student), (row, _) = job, answer
        graded = course / "build/autograded" / student / name / f"{name.partition('_')[2]}.ipynb"
        cells = read_notebook(graded)["cells"] if graded.is_file() else []
        passed = {
            grade_id(cell)
            for cell in cells
            if not any(output["output_type"] == "error" for output in cell.get("outputs", []))
        }
        points = dict(re.findall(r"([\w-]+) ([\d.]+)/", row["tasks"]))
        results[job] = row, {key: float(value) for key, value in points.items()}, passed
    return assignments, results


@pytest.fixture(scope="session")
def caught(request):
    """Return a dict in which tests note what they caught; it is printed at the end."""
    return request.config.stash.setdefault(CAUGHT, {})


def pytest_terminal_summary(terminalreporter, config):
    """Print, for each task, how many wrong answers were tried and caught."""
    table = config.stash.get(CAUGHT, {})
    if not table:
        return
    terminalreporter.section("wrong answers to the exercises")
    for (assignment, task), (tried, lost, deceived) in sorted(table.items()):
        terminalreporter.line(
            f"{assignment:24s} {task:12s} {tried} tried, {lost} caught; "
            f"{deceived} of them passed the visible check"
        )
    tried, lost = (sum(row[k] for row in table.values()) for k in (0, 1))
    terminalreporter.line(f"{tried} wrong answers tried, {lost} caught")
