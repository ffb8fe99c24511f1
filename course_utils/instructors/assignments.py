"""`make assignments` and `make grade`: release, collect, grade, give feedback (INSTRUCTORS.md).

    python -m course_utils.instructors.assignments release [assignment …]
    python -m course_utils.instructors.assignments grade [assignment …]

nbgrader keeps the grades, as `grading` sets it up. This module sees to it that every submission
reaches it in order, and that a broken one holds nobody else up.
"""

import argparse
import hashlib
import json
import re
import secrets
import shutil
import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from course_utils.files import written_whole
from course_utils.instructors.cells import (
    HIDDEN,
    NOT_WRITTEN,
    grade_id,
    marked_lines,
    read_notebook,
    role,
    source_of,
)
from course_utils.instructors.class_report import write_report
from course_utils.instructors.examiner import Examiner, ExaminerError
from course_utils.instructors.feedback import clean_text
from course_utils.instructors.grading import api, set_limits
from course_utils.instructors.results import COLUMNS, Records, close_folders
from course_utils.instructors.sandbox import NOT_SANDBOXED, WARM, Limits, choose
from course_utils.instructors.submissions import (
    SubmissionError,
    find_notebooks,
    folder_name,
    is_untouched,
    read_submission,
    rebuild,
    same_names,
    timestamp_of,
)
from course_utils.instructors.workers import run_jobs
from course_utils.paths import ROOT

from tqdm import tqdm

__all__ = ["generate", "grade", "grade_all", "leaks", "main", "notebooks", "release"]

WORKERS = 2


def notebooks(root: Path, assignment: str) -> tuple[Path, Path]:
    """Return the paths of an assignment's source and of its release."""
    name = f"{assignment}/{assignment.partition('_')[2]}.ipynb"
    return root / "notebooks" / "exercises" / name, root / "build" / "release" / name


# ---------------------------------------------------------------- release


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


def try_out(source: Path, release: Path) -> list[str]:
    """Run a release as a student first would: say what fails for another reason than a stub."""
    cells, problems = read_notebook(release)["cells"], []
    examiner = Examiner(source)
    try:
        examined = examiner.examine(cells, Limits(), [])
    except ExaminerError as error:
        return [str(error)]
    finally:
        examiner.stop()
    for cell, outputs in zip(cells, examined.outputs):
        name, kind = grade_id(cell), role(cell)
        errors = [output for output in outputs if output["output_type"] == "error"]
        wrong = [error for error in errors if error["ename"] != "NotImplementedError"]
        problems += [f"{name}: {error['ename']}: {error['evalue']}" for error in wrong]
        if kind == "check" and not errors:
            problems.append(f"{name} passes before anything is answered")
        points = [output["data"]["text/plain"] for output in outputs if "data" in output]
        if kind == "test" and points not in ([], ["0"]):
            problems.append(f"{name} gives {points[0]} points before anything is answered")
    return problems


def generate(root: Path, assignment: str) -> list[str]:
    """Write the students' version of an assignment, and return what is wrong with it."""
    source, problems = read_notebook(notebooks(root, assignment)[0]), []
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
    hidden = leaks(source, read_notebook(notebooks(root, assignment)[1]))
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
        source, released = notebooks(root, assignment)
        problems = generate(root, assignment) or try_out(source, released)
        failed += bool(problems)
        path = released.relative_to(root)
        verdict = f"{path}: nothing hidden is left in it, and it waits for the first answer"
        tqdm.write("\n".join(f"{assignment}: {problem}" for problem in problems) or verdict)
        if problems:  # what must not be handed out does not stay there
            shutil.rmtree(released.parent, ignore_errors=True)
    return 1 if failed else 0


# ---------------------------------------------------------------- grade


def collect(root: Path, assignment: str, student: str) -> tuple[Path, list[str], bool]:
    """Put what a student handed in in order under build/collected/.

    Return the file, remarks, and whether nothing in it is answered.

    Raises
    ------
    SubmissionError : nothing in it can be graded
    """
    source, released = notebooks(root, assignment)
    inbox = root / "build" / "submitted" / student / assignment
    release, unreadable = read_notebook(released), []
    answered: list[tuple[Path, dict, list[str]]] = []
    untouched: list[tuple[Path, dict, list[str]]] = []
    for path in find_notebooks(inbox):
        try:
            submission = read_submission(path)
            made = rebuild(submission, release)
        except SubmissionError as error:
            unreadable.append((path, error))
        else:
            nothing = is_untouched(submission["cells"], release)
            (untouched if nothing else answered).append((path, *made))
    found = answered or untouched
    if not found:
        raise unreadable[0][1]
    found.sort(key=lambda entry: entry[0].stem != source.stem)
    path, notebook, remarks = found[0]
    if path.name != source.name:
        remarks.insert(0, f"the file is called {path.name}, not {source.name}")
    others = [entry[0].name for entry in found[1:]] + [entry[0].name for entry in unreadable]
    if others:
        remarks.append(f"not looked at: {', '.join(others)}")
    if answered and untouched:
        names = ", ".join(entry[0].name for entry in untouched)
        remarks.append(f"beside it an untouched notebook: {names}")
    target = root / "build" / "collected" / folder_name(student) / assignment / source.name
    target.parent.mkdir(parents=True, exist_ok=True)
    with written_whole(target) as unfinished:
        unfinished.write_text(json.dumps(notebook), encoding="utf-8")
    time, more = timestamp_of(inbox)
    stamp = target.with_name("timestamp.txt")
    stamp.unlink(missing_ok=True)
    if time:
        stamp.write_text(time, encoding="ascii")
    return target, remarks + more, not answered


def ready_to_return(root: Path, student: str, assignment: str) -> None:
    """Put beside the feedback what nbgrader's exchange needs to give it to its student alone.

    That is when it was handed in, and the secret that `nbgrader submit` made for it. Feedback on
    what came in another way gets a new secret, which nobody has: it stays out of reach there.
    """
    inbox = root / "build" / "submitted" / student / assignment
    page = root / "build" / "feedback" / folder_name(student) / assignment
    path, secret = inbox / "submission_secret.txt", ""
    if path.is_file() and not path.is_symlink() and path.stat().st_size < 1000:
        secret = path.read_text(encoding="ascii", errors="replace")
    if not re.fullmatch(r"[0-9a-f]{32,}", secret):
        secret = secrets.token_hex(64)
    if page.is_dir():
        (page / "submission_secret.txt").write_text(secret, encoding="ascii")
        (page / "timestamp.txt").write_text(timestamp_of(inbox)[0] or "", encoding="ascii")


def grade_one(root: Path, limits: Limits, assignment: str, student: str, graded: dict) -> tuple:
    """Collect, grade and give feedback on one submission.

    A submission that was graded before, and has not changed since, keeps its grades: also
    those given by hand.

    Parameters
    ----------
    graded : what `Records.graded` has of it

    Returns
    -------
    its row of grades.csv, and what to remember of it
    """
    set_limits(limits)
    row = dict.fromkeys(COLUMNS, "") | {"student": student, "assignment": assignment}
    if not (root / "build" / "submitted" / student / assignment).is_dir():
        return row | {"status": "missing", "remarks": "nothing handed in"}, {}
    try:
        path, remarks, untouched = collect(root, assignment, student)
    except (SubmissionError, OSError) as error:
        return row | {"status": "not graded", "remarks": str(error)}, {}
    source, folder = notebooks(root, assignment)[0], folder_name(student)
    result = root / "build" / "autograded" / folder / assignment / source.name
    state = hashlib.sha256(path.read_bytes() + source.read_bytes()).hexdigest()
    course = api(root, submitted_directory="build/collected")
    kept = graded.get("state") == state and result.is_file()
    if kept and graded["notebook"] != hashlib.sha256(result.read_bytes()).hexdigest():
        kept = False
        remarks.append("the graded notebook had been changed by somebody, and is graded again")
    if not kept:
        outcome = course.autograde(assignment, folder)
        if not outcome["success"]:
            remarks.append(f"nbgrader: {reason(outcome)}")
            return row | {"status": "not graded", "remarks": "; ".join(remarks)}, {}
    course.generate_feedback(assignment, folder)
    ready_to_return(root, student, assignment)
    notebook = read_notebook(result)
    about = notebook["metadata"].get("grading", {})
    remarks += _remarks_on_cells(notebook["cells"]) + about.get("remarks", [])
    with course.gradebook as gradebook:
        submission = gradebook.find_submission(assignment, folder)
        grades = [grade for book in submission.notebooks for grade in book.grades]
        scores = {grade.name: grade.auto_score for grade in grades}
        if kept and scores != graded["scores"]:
            told = ", ".join(
                f"{name} {graded['scores'].get(name)} to {score}"
                for name, score in scores.items()
                if score != graded["scores"].get(name)
            )
            remarks.append(f"somebody had changed the points of tests in the gradebook: {told}")
            scores = graded["scores"]  # so that it is said until it is mended
        by_hand = sum(grade.max_score for grade in grades if grade.needs_manual_grade)
        tasks = [f"{grade.name} {grade.score:g}/{grade.max_score:g}" for grade in grades]
        row |= {
            "status": "grade by hand" if by_hand else "graded",
            "score": submission.score, "of": submission.max_score, "by_hand": by_hand,
            "tasks": ", ".join(sorted(tasks)),
            "sandbox": about.get("sandbox", ""),
        }  # fmt: skip
    if untouched:
        row["status"] = "untouched"
        remarks.append("nothing in it was answered: is it the right file?")
    row["remarks"] = "; ".join(remarks)
    digest = hashlib.sha256(result.read_bytes()).hexdigest()
    return row, {"state": state, "notebook": digest, "scores": scores}


def _remarks_on_cells(cells: list[dict]) -> list[str]:
    """Return what went wrong in cells, apart from wrong answers."""
    remarks = []
    for cell in cells:
        name = grade_id(cell) or "an added cell"
        for output in cell.get("outputs", []):
            if output.get("ename") == "Stopped":
                remarks.append(f"{name}: {output['evalue']}")
            elif output.get("ename") in ("SyntaxError", "IndentationError", "TabError"):
                line = re.search(r"line (\d+)\)?$", output["evalue"])
                where = f" in line {line[1]}" if line else ""
                remarks.append(f"{name}: {output['ename']}{where}, so nothing in this cell counts")
    return list(dict.fromkeys(remarks))


def tell(text: str) -> None:
    """Print a line above the bar of progress, whatever the console can show."""
    encoding = sys.stdout.encoding or "ascii"
    tqdm.write(clean_text(text).encode(encoding, "replace").decode(encoding))


def grade_all(
    root: Path,
    jobs: list[tuple[str, str]],
    workers: int = WORKERS,
    limits: Limits | None = None,
    records: Records | None = None,
) -> list[dict]:
    """Grade (assignment, student) pairs side by side; return a row for each, in their order."""
    records = records or Records(root / "build")
    rows: dict[tuple[str, str], dict] = {}
    double = same_names(sorted({student for _, student in jobs}))
    for assignment, student in jobs:
        if student in double:
            others = ", ".join(repr(name) for name in double[student] if name != student)
            rows[assignment, student] = {
                "student": student, "assignment": assignment, "status": "not graded",
                "remarks": f"there is another folder of the same name, {others}: rename one",
            }  # fmt: skip
    bar = tqdm(total=len(jobs), unit="submission", desc="Grade", disable=None)
    waiting = [
        (assignment, student, records.graded.get(f"{assignment}/{student}", {}))
        for assignment, student in jobs
        if (assignment, student) not in rows
    ]
    for job, answer, problem in run_jobs(grade_one, (root, limits or Limits()), waiting, workers):
        assignment, student, _ = job
        row = {"student": student, "assignment": assignment, "status": "not graded"}
        graded: dict = {}
        if isinstance(answer, tuple):
            row, graded = answer
        else:
            row["remarks"] = problem
        rows[assignment, student] = row
        if graded:
            records.graded[f"{assignment}/{student}"] = graded
            records.save()  # also when the grading is interrupted
        bar.update()
        if row.get("remarks"):
            tell(f"{student}, {assignment}: {row['status']}: {row['remarks']}")
    bar.close()
    return [dict.fromkeys(COLUMNS, "") | rows[job] for job in jobs]


def grade(root: Path, assignments: Iterable[str], limits: Limits | None = None) -> int:
    """`make grade`: grade what lies in build/submitted/<student>/<assignment>/."""
    inbox = root / "build" / "submitted"
    students = sorted(path.name for path in inbox.glob("*") if path.is_dir())
    handed_in = {path.parent.name for path in inbox.glob("*/*/*")}
    assignments = [name for name in assignments if name in handed_in]
    if not assignments:
        tell(f"Nothing to grade. Put submissions into {inbox}/STUDENT/ASSIGNMENT/NAME.ipynb.")
        return 1
    kind, why = choose()
    if kind in (NOT_SANDBOXED, WARM):
        tell(f"NOT SANDBOXED ({why}). Grade only people you trust like this: INSTRUCTORS.md.")
    for assignment in assignments:
        if problems := generate(root, assignment):
            tell(f"{assignment} cannot be graded: {'; '.join(problems)}")
            return 1
    close_folders(root / "build")
    records = Records(root / "build")
    jobs = [(assignment, name) for assignment in assignments for name in students]
    rows = grade_all(root, jobs, limits=limits, records=records)
    records.save(records.kept(assignments) + rows)
    write_report(root, records.rows.values())
    close_folders(root / "build")
    count = Counter(row["status"] for row in rows)
    summary = ", ".join(f"{number} {status}" for status, number in sorted(count.items()))
    tell(f"{summary}. Grades: build/grades.csv, feedback: build/feedback/")
    tell("What the class found hard: build/class-report.html")
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
        tell("Stopped. What is graded is kept: the same command goes on from there.")
        return 130


if __name__ == "__main__":
    sys.exit(main())
