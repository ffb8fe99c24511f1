"""The proof of every task: right, wrong and broken answers, graded as `make grade` does."""

from __future__ import annotations

import re
import subprocess
import sys

from course_utils.instructors.cells import source_of

import pytest
from answers import ASSIGNMENTS, PROOFS

TASKS = [
    (path.parent.name, path.name)
    for path in sorted(PROOFS.glob("[0-9][0-9]_*/*"))
    if list(path.glob("*.py"))
]
WRITTEN = [
    (path.parent.name, path.name)
    for path in sorted(PROOFS.glob("[0-9][0-9]_*/*"))
    if list(path.glob("*.md"))
]
by_assignment = pytest.mark.parametrize("name", ASSIGNMENTS)


def expected(answer: str) -> tuple[float, bool, float, bool]:
    """Read an answer's first line: points, whether exactly these, of how many, passes the check."""
    first = answer.splitlines()[0]
    found = re.match(r"(?:#|<!--) (less than )?([\d.]+) of ([\d.]+): .{10,}", first)
    assert found, f"the first line says points and what is wrong: “# 2 of 3: …”, not {first!r}"
    return float(found[2]), not found[1], float(found[3]), "(passes the check)" in first


@pytest.mark.parametrize(("name", "task"), TASKS)
def test_task(name, task, proof, caught):
    assignment, results = proof[0][name], proof[1]
    full, answers = assignment.tasks[task], assignment.answers[task]
    wrong = assignment.wrong(task)
    assert len(wrong) >= 3, "at least three wrong answers"
    assert {"right_other_method.py", "right_that_warns.py"} <= set(answers)

    def points(student):
        return results[name, student][1][f"{task}-test"]

    def passes(student):
        return f"{task}-check" in results[name, student][2]

    assert points("stub") == 0 and not passes("stub"), "an empty answer has 0 points"
    for student in ("reference", "right_other_method", "right_that_warns"):
        assert points(student) == full, f"{student}: {points(student)} of {full}"
        assert passes(student), f"{student} must pass the visible check"
    lost = deceived = 0
    for k, file in enumerate(wrong):
        value, exactly, of, deceives = expected(answers[file])
        found = points(f"wrong_{k}")
        assert of == full, f"{file} says “of {of:g}”, the task has {full:g}"
        assert found < full, f"{file} gets full marks: it is not caught"
        assert found == value if exactly else found < value, f"{file}: {found}, not {value}"
        assert passes(f"wrong_{k}") == deceives, f"{file}: does it pass the visible check?"
        lost, deceived = lost + (found < full), deceived + deceives
    caught[name, task] = len(wrong), lost, deceived
    assert deceived, "at least one wrong answer passes the visible check"


@pytest.mark.parametrize(("name", "task"), WRITTEN)
def test_written_answers_are_left_to_a_person(name, task, proof):
    assignment, results = proof[0][name], proof[1]
    scheme = assignment.cell(f"{task}-task")
    assert "BEGIN MARK SCHEME" in scheme and "point" in scheme.partition("BEGIN MARK SCHEME")[2]
    assert "MARK SCHEME" not in assignment.cell(f"{task}-task", release=True)
    wrong = assignment.wrong(task)
    assert len(wrong) >= 3, "at least three answers to try the marking scheme on"
    for k, file in enumerate(wrong):
        value, exactly, of, _ = expected(assignment.answers[task][file])
        assert exactly and value < of == assignment.written[task]
        assert results[name, f"wrong_{k}"][0]["by_hand"] == of
    assert results[name, "reference"][0]["status"] == "grade by hand"
    assert results[name, "stub"][0]["by_hand"] == 0, "what nobody answered, nobody has to read"
    assert results[name, "stub"][1][task] == 0


@by_assignment
def test_the_assignment_has_its_proof(name, proof):
    assignment = proof[0][name]
    assert set(assignment.tasks) == {task for other, task in TASKS if other == name}
    assert set(assignment.written) == {task for other, task in WRITTEN if other == name}
    prose = "\n".join(source_of(cell) for cell in assignment.source["cells"])
    titles = re.findall(r"^## Task \d+ · .*", prose, re.M)
    assert 4 <= len(titles) <= 6, "four to six tasks"
    for title in titles:
        assert re.search(r"\d points?, \d+ minutes\)$", title), f"points and time: {title}"


@by_assignment
def test_whole_submissions(name, proof):
    assignment, results = proof[0][name], proof[1]
    tasks = list(assignment.tasks)
    row, points, _ = results[name, "reference"]
    automatic = sum(assignment.tasks.values())
    assert row["score"] == automatic and row["of"] == automatic + sum(assignment.written.values())
    assert row["remarks"] == ""
    row, points, _ = results[name, "stub"]
    assert (row["score"], row["status"]) == (0, "untouched") and "right file?" in row["remarks"]

    row, points, _ = results[name, "broken"]
    edited, deleted, renamed, endless = tasks[0], tasks[1], tasks[2], tasks[-1]
    assert points[f"{edited}-test"] == 0, "an edited test is put back; what it looks for is closed"
    assert points[f"{deleted}-test"] == assignment.tasks[deleted], "a deleted one as well"
    assert points[f"{renamed}-test"] == 0 and points[f"{endless}-test"] == 0
    for task in tasks[3:-1]:
        assert points[f"{task}-test"] == assignment.tasks[task], "the other tasks lose nothing"
    for remark in (
        f"cell {edited}-test was edited",
        f"{edited}: uses “",
        f"deleted, and put back: {deleted}-test",
        f"{renamed}: nothing called",
        f"{endless}-check: ",
    ):
        assert remark in row["remarks"], row["remarks"]


@by_assignment
def test_an_answer_that_looks_for_the_solution_would_find_it_were_the_books_open(
    name, proof, tmp_path
):
    assignment = proof[0][name]
    code = (
        assignment.snoop(next(iter(assignment.tasks)))
        .replace("COURSE]", "]")
        .replace("exec(", "print(")
    )
    found = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
    ).stdout
    assert "BEGIN SOLUTION" in found
