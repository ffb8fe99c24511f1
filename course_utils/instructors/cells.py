"""Cells of an assignment: their text, their names, and what students must not see of them."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

__all__ = [
    "HIDDEN", "NOT_WRITTEN", "by_name", "grade_id", "is_solution", "marked_lines", "marks_of",
    "names_defined", "read_notebook", "role", "source_of",
]  # fmt: skip

HIDDEN = ("SOLUTION", "HIDDEN TESTS", "MARK SCHEME")
NOT_WRITTEN = '# Write your code here.\nraise NotImplementedError("This is not written yet.")'


def read_notebook(path: Path) -> dict:
    """Read a notebook of ours as plain data."""
    return json.loads(path.read_text(encoding="utf-8"))


def source_of(cell: dict) -> str:
    """Return the text of a cell; nbformat allows a string or a list of lines."""
    source = cell.get("source", cell.get("input", ""))
    return "".join(map(str, source)) if isinstance(source, list) else str(source)


def marks_of(cell: dict) -> dict:
    """Return what nbgrader notes of a cell."""
    metadata = cell.get("metadata")
    marks = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    return marks if isinstance(marks, dict) else {}


def grade_id(cell: dict) -> str | None:
    """Return nbgrader's name of a cell, None if it has none."""
    name = marks_of(cell).get("grade_id")
    return name if isinstance(name, str) else None


def by_name(notebook: dict) -> dict[str, dict]:
    """Return the cells of a notebook that nbgrader has a name for, by these names."""
    return {name: cell for cell in notebook["cells"] if (name := grade_id(cell))}


def is_solution(cell: dict) -> bool:
    """Whether the student writes in this cell."""
    return bool(marks_of(cell).get("solution"))


def role(cell: dict) -> str:
    """Return what a cell of an assignment's source is: given, answer, check, test, or text."""
    if cell.get("cell_type") != "code":
        return "text"
    if is_solution(cell):
        return "answer"
    if marks_of(cell).get("grade"):
        return "test"
    return "check" if (grade_id(cell) or "").endswith("-check") else "given"


def names_defined(source: str) -> set[str]:
    """Return the names of functions, classes and variables that a cell defines at its margin."""
    found = re.findall(r"^(?:async +)?(?:def|class) +(\w+)", source, re.M)
    for names in re.findall(r"^(\w+(?: *, *\w+)*) *(?::[^=\n]+)?=(?!=)", source, re.M):
        found += re.split(r" *, *", names)
    return set(found)


def marked_lines(source: str) -> Iterator[tuple[str, bool]]:
    """Return each line of a cell with whether students must not see it."""
    inside = False
    for line in source.splitlines():
        begins = any(f"BEGIN {name}" in line for name in HIDDEN)
        ends = any(f"END {name}" in line for name in HIDDEN)
        yield line, inside or begins or ends
        inside = (inside or begins) and not ends
