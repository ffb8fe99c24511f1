"""`make assignments` and `make grade`: release, collect, grade, give feedback (INSTRUCTORS.md).

    python -m course_utils.instructors.assignments release [assignment …]
    python -m course_utils.instructors.assignments grade [assignment …]

nbgrader does the grading, as `grading` sets it up. This module sees to it that every
submission reaches it in order, and that a broken one holds nobody else up.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
import multiprocessing
import re
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

from course_utils.files import written_whole
from course_utils.instructors.grading import (
    HIDDEN,
    KERNEL_ARGUMENTS,
    NOT_WRITTEN,
    api,
    marked_lines,
)
from course_utils.instructors.submissions import (
    SubmissionError,
    find_notebook,
    grade_id,
    rebuild,
    source_of,
)
from course_utils.paths import ROOT

import nbclient
import nbformat
from tqdm import tqdm

__all__ = ["generate", "grade", "grade_all", "main", "notebooks", "release"]

WORKERS = 2


def leaks(source: dict, release: dict) -> list[str]:
    """Return the lines of solutions, hidden tests and marking schemes that a release shows."""
    hidden, visible = set(), Counter(NOT_WRITTEN.splitlines() * 1000)
    for cell in source["cells"]:
        for line, secret in marked_lines(source_of(cell)):
            hidden.add(line.strip()) if secret else visible.update([line.strip()])
    shown = Counter(
        line.strip() for cell in release["cells"] for line in source_of(cell).splitlines()
    )
    shown.update(["an output"] * sum(len(cell.get("outputs", [])) for cell in release["cells"]))
    hidden.add("an output")
    return sorted(line for line in hidden if line and shown[line] > visible[line])


def try_out(path: Path) -> list[str]:
    """Run a release as a student first would: say what fails for another reason than a stub."""
    notebook = nbformat.read(path, as_version=4)
    with tempfile.TemporaryDirectory() as folder:
        resources = {"metadata": {"path": folder}}
        client = nbclient.NotebookClient(
            notebook,
            timeout=300,
            startup_timeout=120,
            allow_errors=True,
            resources=resources,
            extra_arguments=KERNEL_ARGUMENTS,
        )
        client.execute()
    problems = []
    for cell in notebook.cells:
        name = grade_id(cell) or ""
        errors = [output for output in cell.get("outputs", []) if output.output_type == "error"]
        wrong = [error for error in errors if error.ename != "NotImplementedError"]
        problems += [f"{name}: {error.ename}: {error.evalue}" for error in wrong]
        if name.endswith("-check") and not errors:
            problems.append(f"{name} passes before anything is answered")
    return problems


def generate(root: Path, assignment: str) -> list[str]:
    """Write the students' version of an assignment, and return what is wrong with it."""
    source, problems = read(notebooks(root, assignment)[0]), []
    for number, cell in enumerate(source["cells"]):
        marks = cell["metadata"].get("nbgrader", {})
        if not grade_id(cell):
            problems.append(f"cell {number} has no grade_id")
        begins = any(f"BEGIN {name}" in source_of(cell) for name in HIDDEN)
        if (marks.get("solution") or marks.get("grade")) and not begins:
            problems.append(f"{grade_id(cell)}: there is no “### BEGIN …” that nbgrader knows")
    if problems:
        return problems
    result = api(root).generate_assignment(assignment, force=True)
    if not result["success"]:
        return [f"nbgrader: {reason(result)}"]
    hidden = leaks(source, read(notebooks(root, assignment)[1]))
    return [f"the release shows a hidden line: {line}" for line in hidden]


def reason(result: dict) -> str:
    """Return the one line of nbgrader's log that says why a step failed."""
    log = f"{result.get('error', '')}\n{result.get('log', '')}"
    errors = re.findall(r"^ *(?:\w+\.)*(\w*(?:Error|Exception): .*)", log, re.M)
    specific = [line for line in errors if not line.startswith("NbGraderException")]
    if "Cannot add or remove cells" in log:
        return "cells were added or removed since submissions were graded: see INSTRUCTORS.md"
    return (specific or errors or ["no reason given"])[-1]


def release(root: Path, assignments: Iterable[str]) -> int:
    """`make assignments`: write the students' versions under build/release/ and check them."""
    failed = 0
    for assignment in tqdm(list(assignments), unit="assignment", desc="Release"):
        problems = generate(root, assignment)
        problems = problems or try_out(notebooks(root, assignment)[1])
        failed += bool(problems)
        path = notebooks(root, assignment)[1].relative_to(root)
        verdict = f"{path}: nothing hidden is left in it, and it waits for the first answer"
        tqdm.write("\n".join(f"{assignment}: {problem}" for problem in problems) or verdict)
        if problems:  # what must not be handed out does not stay there
            shutil.rmtree(notebooks(root, assignment)[1].parent, ignore_errors=True)
    return 1 if failed else 0


def notebooks(root: Path, assignment: str) -> tuple[Path, Path]:
    """Return the paths of an assignment's source and of its release."""
    name = f"{assignment}/{assignment.partition('_')[2]}.ipynb"
    return root / "notebooks" / "exercises" / name, root / "build" / "release" / name


def read(path: Path) -> dict:
    """Read a notebook of ours as plain data."""
    return json.loads(path.read_text(encoding="utf-8"))


# ---------------------------------------------------------------- grade

COLUMNS = ("student", "assignment", "status", "score", "of", "by_hand", "tasks", "remarks")


def collect(root: Path, assignment: str, student: str, inbox: Path) -> tuple[Path, list[str]]:
    """Put what lies in `inbox` in order under build/collected/; return the file, and remarks.

    Raises
    ------
    SubmissionError
        Nothing in it can be graded.
    """
    source, released = notebooks(root, assignment)
    path, remarks = find_notebook(inbox, source.stem)
    notebook, more = rebuild(path, read(released))
    target = root / "build" / "collected" / student / assignment / source.name
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(notebook), encoding="utf-8")
    if (inbox / "timestamp.txt").is_file():
        shutil.copy(inbox / "timestamp.txt", target.parent)
    return target, remarks + more


def grade_one(root: Path, assignment: str, student: str) -> dict:
    """Collect, grade and give feedback on one submission; return its row of grades.csv.

    A submission that was graded before, and has not changed since, keeps its grades: also
    those given by hand.
    """
    row = dict.fromkeys(COLUMNS, "") | {"student": student, "assignment": assignment}
    inbox = root / "build" / "submitted" / student / assignment
    if not inbox.is_dir():
        return row | {"status": "missing", "remarks": "nothing handed in"}
    student = re.sub(r"[^\w.@ '-]", "_", student)  # nbgrader takes * ? [ for patterns
    try:
        path, remarks = collect(root, assignment, student, inbox)
    except (SubmissionError, OSError) as error:
        return row | {"status": "not graded", "remarks": str(error)}
    source = notebooks(root, assignment)[0]
    stamp, graded = path.with_name(".graded"), root / "build" / "autograded" / student / assignment
    state = hashlib.sha256(path.read_bytes() + source.read_bytes()).hexdigest()
    course = api(root, submitted_directory="build/collected")
    if not (graded.is_dir() and stamp.is_file() and stamp.read_text() == state):
        stamp.unlink(missing_ok=True)
        result = course.autograde(assignment, student)
        if not result["success"]:
            remarks.append(f"nbgrader: {reason(result)}")
            return row | {"status": "not graded", "remarks": "; ".join(remarks)}
        stamp.write_text(state)
    course.generate_feedback(assignment, student)
    for cell in read(graded / source.name)["cells"]:
        for output in cell.get("outputs", []):
            if output.get("ename") == "Stopped":
                remarks.append(f"{grade_id(cell) or 'an added cell'}: {output['evalue']}")
    with course.gradebook as gradebook:
        submission = gradebook.find_submission(assignment, student)
        grades = [grade for book in submission.notebooks for grade in book.grades]
        by_hand = sum(grade.max_score for grade in grades if grade.needs_manual_grade)
        tasks = [f"{grade.name} {grade.score:g}/{grade.max_score:g}" for grade in grades]
        return row | {
            "status": "grade by hand" if by_hand else "graded",
            "score": submission.score, "of": submission.max_score, "by_hand": by_hand,
            "tasks": ", ".join(sorted(tasks)), "remarks": "; ".join(remarks),
        }  # fmt: skip


def grade_all(root: Path, jobs: list[tuple[str, str]], workers: int = WORKERS) -> list[dict]:
    """Grade (assignment, student) pairs side by side; return a row for each, in their order."""
    rows: dict[tuple[str, str], dict] = {}
    bar = tqdm(total=len(jobs), unit="submission", desc="Grade")
    tries: Counter[tuple[str, str]] = Counter()
    while waiting := [job for job in jobs if job not in rows]:
        alone = waiting[:1] if tries else waiting  # a worker that died: then one at a time
        spawn = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(workers, mp_context=spawn) as pool:
            running = {pool.submit(grade_one, root, *job): job for job in alone}
            try:
                for future in as_completed(running):
                    job = running[future]
                    row = {"student": job[1], "assignment": job[0], "status": "not graded"}
                    try:
                        row = future.result()
                    except BrokenProcessPool:
                        tries[job] += 1
                        if len(alone) > 1 or tries[job] < 2:
                            continue
                        row["remarks"] = "it brought the grading process down twice"
                    except Exception as error:
                        row["remarks"] = f"{type(error).__name__}: {error}"
                    rows[job] = dict.fromkeys(COLUMNS, "") | row
                    bar.update()
                    if row.get("remarks"):
                        tqdm.write(f"{job[1]}, {job[0]}: {row['status']}: {row['remarks']}")
            except KeyboardInterrupt:
                pool.shutdown(cancel_futures=True)
                raise
    bar.close()
    return [rows[job] for job in jobs]


def grade(root: Path, assignments: Iterable[str]) -> int:
    """`make grade`: grade what lies in build/submitted/<student>/<assignment>/."""
    inbox = root / "build" / "submitted"
    students = sorted(path.name for path in inbox.glob("*") if path.is_dir())
    handed_in = {path.parent.name for path in inbox.glob("*/*/*")}
    assignments = [name for name in assignments if name in handed_in]
    if not assignments:
        print(f"Nothing to grade. Put submissions into {inbox}/STUDENT/ASSIGNMENT/NAME.ipynb.")
        return 1
    for assignment in assignments:
        if problems := generate(root, assignment):
            print(f"{assignment} cannot be graded: {'; '.join(problems)}", file=sys.stderr)
            return 1
    rows = grade_all(root, [(assignment, name) for assignment in assignments for name in students])
    table, kept = root / "build" / "grades.csv", []
    if table.is_file():  # rows of the assignments that are not graded now stay
        with open(table, newline="", encoding="utf-8") as file:
            kept = [row for row in csv.DictReader(file) if row["assignment"] not in assignments]
    with (
        written_whole(table) as unfinished,
        open(unfinished, "w", newline="", encoding="utf-8") as file,
    ):
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows(sorted(kept + rows, key=lambda row: (row["assignment"], row["student"])))
    count = Counter(row["status"] for row in rows)
    summary = ", ".join(f"{number} {status}" for status, number in sorted(count.items()))
    print(f"{summary}. Grades: {table.relative_to(root)}, feedback: build/feedback/")
    return 0


def main() -> int:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("command", choices=("release", "grade"))
    parser.add_argument("assignments", nargs="*", help="all, if none is named")
    options = parser.parse_args()
    known = sorted(path.parent.name for path in (ROOT / "notebooks/exercises").glob("*/*.ipynb"))
    if unknown := sorted(set(options.assignments) - set(known)):
        parser.error(f"there is no assignment {', '.join(unknown)}; choose from {', '.join(known)}")
    command = release if options.command == "release" else grade
    try:
        return command(ROOT, options.assignments or known)
    except KeyboardInterrupt:
        print("Stopped. What is graded is kept: the same command goes on from there.")
        return 130


if __name__ == "__main__":
    sys.exit(main())
