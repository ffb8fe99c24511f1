"""Read what students hand in, whatever state it is in, and put it in order (INSTRUCTORS.md)."""

import email.utils
import hashlib
import json
import re
import subprocess
import sys
import unicodedata
import zoneinfo
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from pathlib import Path

from course_utils.instructors import reading
from course_utils.instructors.cells import by_name, is_solution, names_defined, source_of
from course_utils.instructors.wire import short

__all__ = [
    "SubmissionError", "find_notebooks", "folder_name", "is_untouched", "read_submission",
    "rebuild", "same_names", "timestamp_of",
]  # fmt: skip

LONGEST_NAME = 100  # characters of a folder; nbgrader's paths have three of them
MOST_NOTEBOOKS = 10
SUSPICIOUS = re.compile(
    r"\.ipynb|gradebook|_getframe|currentframe|audithook|course_utils\.instructors|ctypes|"
    r"NBGRADER|subprocess|multiprocessing|os\.(?:system|walk|environ|fork|exec)|\b(?:r?glob)\("
)


class SubmissionError(ValueError):
    """Nothing in a submission can be graded; the message says why."""


# ---------------------------------------------------------------- names


def folder_name(student: str) -> str:
    """Return a student's name as nbgrader's folders and database can hold it.

    Different names stay different. Letters, digits and some signs stay as they are; all else is
    written as its number between two tildes, as `lee ~5B~1~5D~` for `lee [1]`: nbgrader takes
    brackets for patterns, and not every file system tells all signs apart.
    """
    plain = re.compile(r"[^\W_]|[_.@' -]")
    made = "".join(c if plain.fullmatch(c) else f"~{ord(c):X}~" for c in student)
    made = re.sub(r"^[. -]|[. ]$", lambda end: f"~{ord(end[0]):X}~", made)
    if len(made.encode()) > LONGEST_NAME:
        digest = hashlib.sha256(student.encode("utf-8", "surrogatepass")).hexdigest()[:20]
        made = f"{made[: LONGEST_NAME // 4]}~~{digest}"
    return made


def same_names(students: list[str]) -> dict[str, list[str]]:
    """Return which folders have names that are one text, written in two ways, by folder.

    An accent can be a part of its letter or a sign of its own, and nobody sees the difference.
    """
    groups: dict[str, list[str]] = {}
    for student in students:
        groups.setdefault(unicodedata.normalize("NFC", student), []).append(student)
    return {name: group for group in groups.values() if len(group) > 1 for name in group}


# ---------------------------------------------------------------- files


def find_notebooks(folder: Path) -> list[Path]:
    """Return the notebooks of a submission's folder, without what an editor or a Mac leaves.

    Raises
    ------
    SubmissionError : there is none
    """

    def in_folder(place: Path) -> list[Path]:
        found = [path for path in place.iterdir() if path.suffix.lower() == ".ipynb"]
        found = [path for path in found if not path.name.startswith(".")]
        return sorted(path for path in found if path.is_file() and not path.is_symlink())

    if folder.is_symlink():
        raise SubmissionError("the folder is a link")
    inside = [path for path in sorted(folder.iterdir()) if path.is_dir() and not path.is_symlink()]
    inside = [path for path in inside if not path.name.startswith((".", "__"))]
    notebooks = in_folder(folder) or [path for place in inside for path in in_folder(place)]
    if not notebooks:
        found = ", ".join(short(path.name, 40) for path in sorted(folder.iterdir())) or "nothing"
        raise SubmissionError(f"there is no notebook (found: {short(found, 200)})")
    if len(notebooks) > MOST_NOTEBOOKS:
        raise SubmissionError(f"there are {len(notebooks)} notebooks")
    return notebooks


def read_submission(path: Path) -> dict:
    """Read a notebook file in a bounded process: cells, kernel, language, remarks.

    Raises
    ------
    SubmissionError : it is empty, not JSON, not a notebook, or larger than can be read
    """
    command = [sys.executable, "-I", "-S", reading.__file__, str(path)]
    try:
        done = subprocess.run(command, capture_output=True, timeout=2 * reading.LONGEST_TIME)
        found = json.loads(done.stdout)
    except (subprocess.TimeoutExpired, ValueError):
        found = {"error": "the file takes too much time or memory to be read"}
    if "error" in found:
        raise SubmissionError(found["error"])
    return found


def timestamp_of(folder: Path, name: str = "timestamp.txt") -> tuple[str | None, list[str]]:
    """Return when a submission was handed in, as nbgrader reads it, and what is odd about that."""
    path = folder / name
    if not path.is_file() or path.is_symlink():
        return None, []
    data = path.read_bytes()[:1000]
    wide = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    for encoding in ("utf-16",) if wide else ("utf-8-sig", "gb18030", "latin-1"):
        try:
            text = data.decode(encoding).strip()
            break
        except UnicodeDecodeError:
            text = "?"
    if not text:
        return None, []
    try:
        return _utc(text), []
    except (ValueError, OverflowError, TypeError):
        return None, [f"{name} holds no time that can be read: “{short(text, 60)}”"]


def _utc(text: str) -> str:
    """Return a time as text, in UTC; raises ValueError."""
    numbers = re.match(  # 2026-11-03 16:05:06.5 UTC, 2026年11月3日 下午 4:05, and the like
        r"(\d{4})\D{1,2}(\d\d?)\D{1,2}(\d\d?)\D{1,3}?(?:(上午|下午)\s*)?"
        r"(\d\d?):(\d\d)(?::(\d\d)(?:[.,]\d+)?)?",
        text,
    )
    if numbers:
        year, month, day, half, hour, minute, second = numbers.groups()
        hour = int(hour) % 12 + 12 if half == "下午" else int(hour)
        time = datetime(int(year), int(month), int(day), hour, int(minute), int(second or 0))
        time = time.replace(tzinfo=_zone(text[numbers.end() :].strip()))
    else:  # Tue, 3 Nov 2026 16:05:06 +0200
        time = email.utils.parsedate_to_datetime(text)
    if time.tzinfo is not None:
        time = time.astimezone(UTC)
    return f"{time:%Y-%m-%d %H:%M:%S} UTC"


def _zone(text: str) -> tzinfo | None:
    """Return a time zone, from its distance to UTC or its name; raises ValueError."""
    offset = re.fullmatch(r"([+-])(\d\d):?(\d\d)", text)
    if offset:
        away = timedelta(hours=int(offset[2]), minutes=int(offset[3]))
        return timezone(away if offset[1] == "+" else -away)
    if text in ("", "Z", "UTC", "GMT"):
        return UTC if text else None
    try:
        return zoneinfo.ZoneInfo(text)
    except (zoneinfo.ZoneInfoNotFoundError, OSError):
        raise ValueError(text) from None


# ---------------------------------------------------------------- cells


def is_untouched(cells: list[dict], release: dict) -> bool:
    """Whether a notebook answers nothing: each answer is as it was given out, or not there."""
    given = {source_of(cell).strip() for cell in release["cells"]}
    return all(not cell["source"].strip() or cell["source"].strip() in given for cell in cells)


def _find_cells(cells: list[dict], release: dict) -> tuple[list[str | None], list[str]]:
    """Return which cell of the release each cell is, None for an added one; and remarks.

    A cell is known by nbgrader's name of it. Some editors throw that away; then by its id, then
    by its text, and an answer by what it defines, or by what it follows.
    """
    expected = by_name(release)
    by_id = {cell["id"]: name for name, cell in expected.items() if cell.get("id")}
    by_text = {source_of(cell).strip(): name for name, cell in expected.items()}
    names = [cell["grade_id"] if cell["grade_id"] in expected else None for cell in cells]
    found, last = [], None
    order = list(expected)
    for number, cell in enumerate(cells):
        last = names[number] or last
        if names[number] or cell["grade_id"]:
            continue
        missing = [name for name in order if name not in names]
        same_kind = [name for name in missing if expected[name]["cell_type"] == cell["cell_type"]]
        candidate = by_id.get(cell["id"])
        how = "by its id"
        if candidate not in same_kind:
            candidate, how = by_text.get(cell["source"].strip()), ""
        if candidate not in same_kind and cell["cell_type"] == "code":
            defined, how = names_defined(cell["source"]), "by what it defines"
            wanted = {
                name: names_defined(source_of(expected[name]))
                for name in same_kind
                if is_solution(expected[name])
            }
            candidate = next((name for name, all_of in wanted.items() if all_of & defined), None)
        elif candidate not in same_kind and last in order[:-1]:
            following, how = order[order.index(last) + 1], "by its place"
            candidate = following if is_solution(expected[following]) else None
        if candidate in same_kind:
            names[number] = last = candidate
            if how and is_solution(expected[candidate]):
                found.append(f"{candidate} {how}")
    lost = sum(not cell["grade_id"] for cell, name in zip(cells, names) if name)
    remarks = []
    if lost:
        told = f": {', '.join(found)}" if found else ""
        which = "a cell" if lost == 1 else f"{lost} cells"
        remarks.append(f"{which} had lost nbgrader's marks, but could be told{told}")
    return names, remarks


def rebuild(submission: dict, release: dict) -> tuple[dict, list[str]]:
    """Put a student's answers into a fresh copy of the released notebook.

    Every cell of the release appears once, in its order, with its text; only the cells
    to be answered have the student's. Cells that the student added follow the cell that
    they follow in the submission. So it does not matter what was deleted, moved or edited.

    Parameters
    ----------
    submission : from `read_submission`
    release : the released notebook, as plain data

    Returns
    -------
    the notebook, as plain data; and remarks, one for each thing that was not as released

    Raises
    ------
    SubmissionError
        It has no answer of this assignment.
    """
    cells = submission["cells"]
    expected = by_name(release)
    names, remarks = _find_cells(cells, release)
    remarks = submission["remarks"] + remarks
    known = [name for name in names if name]
    foreign = [cell["grade_id"] for cell, name in zip(cells, names) if not name]
    foreign = [name for name in foreign if name]
    if len(foreign) > len(known) or not any(is_solution(expected[name]) for name in known):
        hint = f" (cells of another one: {short(', '.join(foreign[:5]), 200)})" if foreign else ""
        raise SubmissionError(f"this is not a notebook of this assignment{hint}")

    kernel, language = submission["kernel"], submission["language"] or "unknown language"
    if kernel not in ("", release["metadata"]["kernelspec"]["name"]):
        made_with = f"made with the kernel {short(kernel, 40)} ({short(language, 40)})"
        remarks.append(f"{made_with}, graded with python3")
    missing = [name for name in expected if name not in known]
    if missing:
        remarks.append(f"cells deleted, and put back: {', '.join(missing)}")
    twice = sorted({name for name in known if known.count(name) > 1})
    if twice:
        remarks.append(f"cells there twice, the last that is answered counts: {', '.join(twice)}")
    if list(dict.fromkeys(known)) != [name for name in expected if name in known]:
        remarks.append("cells are in another order; the released order is used")

    answers: dict[str, dict] = {}
    added: dict[str | None, list[dict]] = {None: []}
    last: str | None = None
    for cell, name in zip(cells, names):
        if name:
            untouched = cell["source"].strip() == source_of(expected[name]).strip()
            if name not in answers or not untouched:
                answers[name] = cell
            last = name
            added.setdefault(last, [])
        elif cell["source"].strip():
            added[last].append(cell)
    for cell in (cell for extra in added.values() for cell in extra):
        remarks += _suspicious("an added cell", cell["source"])
    built = [_new_cell(cell) for cell in added[None]]
    for name, cell in expected.items():
        cell = dict(cell)
        if name in answers:
            theirs = answers[name]["source"]
            if is_solution(cell):
                remarks += _remarks_on(name, cell, theirs)
                cell["source"] = theirs
                if cell["cell_type"] == "markdown" and answers[name]["attachments"]:
                    cell["attachments"] = answers[name]["attachments"]
            elif theirs.strip() != source_of(cell).strip():
                remarks.append(f"cell {name} was edited, and put back")
        built += [cell, *(_new_cell(extra) for extra in added.get(name, []))]
    for number, cell in enumerate(built):
        cell["id"] = f"cell-{number}"
    return {**release, "cells": built}, list(dict.fromkeys(remarks))


def _remarks_on(name: str, cell: dict, theirs: str) -> list[str]:
    remarks = []
    lost = sorted(names_defined(source_of(cell)) - names_defined(theirs))
    if cell["cell_type"] == "code" and lost:
        remarks.append(f"{name}: nothing called {', '.join(lost)} is defined: renamed?")
    return remarks + (_suspicious(name, theirs) if cell["cell_type"] == "code" else [])


def _suspicious(name: str, source: str) -> list[str]:
    found = SUSPICIOUS.search(source)
    return [f"{name}: uses “{found[0]}”: read this answer"] if found else []


def _new_cell(cell: dict) -> dict:
    """Copy a cell that a student added."""
    if cell["cell_type"] != "code":
        return {"cell_type": "markdown", "metadata": {}, "source": cell["source"]}
    made = {"cell_type": "code", "metadata": {}, "source": cell["source"]}
    return made | {"execution_count": None, "outputs": []}
