"""Read what students hand in, whatever state it is in, and put it in order (INSTRUCTORS.md)."""

from __future__ import annotations

import json
import re
from pathlib import Path

__all__ = ["SubmissionError", "find_notebook", "grade_id", "read_cells", "rebuild", "source_of"]

LARGEST_BYTES = 200_000_000
LARGE_BYTES = 5_000_000
SUSPICIOUS = re.compile(
    r"\.ipynb|gradebook|get_ipython|_getframe|currentframe|audithook|examination|ctypes|"
    r"__builtins__|\bIn\[|\b_ih\b|NBGRADER|subprocess|os\.(?:system|walk|environ)|\b(?:r?glob)\("
)


class SubmissionError(ValueError):
    """Nothing in a submission can be graded; the message says why."""


def find_notebook(folder: Path, name: str) -> tuple[Path, list[str]]:
    """Return the notebook of a submission folder, and what is odd about it.

    Raises
    ------
    SubmissionError
        There is no notebook, or more than one and none has the right name.
    """
    notebooks = sorted(path for path in folder.glob("*.ipynb") if path.is_file())
    notebooks = [path for path in notebooks if not path.is_symlink()]
    if folder / f"{name}.ipynb" in notebooks:
        others = [path.name for path in notebooks if path.stem != name]
        remarks = [f"not looked at: {', '.join(others)}"] if others else []
        return folder / f"{name}.ipynb", remarks
    if len(notebooks) == 1:
        return notebooks[0], [f"the file is called {notebooks[0].name}, not {name}.ipynb"]
    found = ", ".join(path.name for path in sorted(folder.iterdir())) or "nothing"
    raise SubmissionError(f"there is no file {name}.ipynb (found: {found[:200]})")


def read_cells(path: Path) -> tuple[list[dict], dict, list[str]]:
    """Read a notebook file as plain data: its cells without outputs, its metadata, remarks.

    Raises
    ------
    SubmissionError
        The file is empty, not JSON, not a notebook, or larger than can be read.
    """
    size, remarks = path.stat().st_size, []
    if size == 0:
        raise SubmissionError("the file is empty (0 bytes)")
    if size > LARGEST_BYTES:
        raise SubmissionError(f"the file is {size / 1e6:.0f} MB large: too large to be read")
    if size > LARGE_BYTES:
        remarks.append(f"the file is {size / 1e6:.0f} MB large; its outputs were dropped")
    try:
        notebook = json.loads(path.read_bytes().decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise SubmissionError(f"the file is not JSON, so not a notebook ({error})") from None
    sheets = [notebook] if isinstance(notebook, dict) else []
    if sheets and isinstance(notebook.get("worksheets"), list):  # nbformat 3
        sheets = [sheet for sheet in notebook["worksheets"] if isinstance(sheet, dict)]
    cells = [
        cell for sheet in sheets for cell in sheet.get("cells") or [] if isinstance(cell, dict)
    ]
    if not cells:
        raise SubmissionError("the file is JSON, but a notebook without any cell")
    metadata = notebook.get("metadata")
    return cells, metadata if isinstance(metadata, dict) else {}, remarks


def source_of(cell: dict) -> str:
    """Return the text of a cell; nbformat allows a string or a list of lines."""
    source = cell.get("source", cell.get("input", ""))
    return "".join(map(str, source)) if isinstance(source, list) else str(source)


def grade_id(cell: dict) -> str | None:
    """Return nbgrader's name of a cell, None if it has none."""
    metadata = cell.get("metadata")
    marks = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    name = marks.get("grade_id") if isinstance(marks, dict) else None
    return name if isinstance(name, str) else None


def is_solution(cell: dict) -> bool:
    """Whether the student writes in this cell."""
    return bool(cell.get("metadata", {}).get("nbgrader", {}).get("solution"))


def names_defined(source: str) -> set[str]:
    """Return the names that a cell defines at its left margin."""
    found = re.findall(r"^(?:def|class) +(\w+)|^(\w+) *[:=](?!=)", source, re.M)
    return {function or variable for function, variable in found}


def rebuild(path: Path, release: dict) -> tuple[dict, list[str]]:
    """Put a student's answers into a fresh copy of the released notebook.

    Every cell of the release appears once, in its order, with its text; only the cells
    to be answered have the student's. Cells that the student added follow the cell that
    they follow in the submission. So it does not matter what was deleted, moved or edited.

    Parameters
    ----------
    path : the submitted file
    release : the released notebook, as plain data

    Returns
    -------
    the notebook, as plain data; and remarks, one for each thing that was not as released

    Raises
    ------
    SubmissionError
        The file cannot be read (see `read_cells`), or has no answer of this assignment.
    """
    cells, metadata, remarks = read_cells(path)
    expected = {grade_id(cell) or "": cell for cell in release["cells"]}
    known = [name for name in map(grade_id, cells) if name and name in expected]
    foreign = [name for name in map(grade_id, cells) if name and name not in expected]
    if len(foreign) > len(known) or not any(is_solution(expected[name]) for name in known):
        hint = f" (cells of another one: {', '.join(foreign[:5])})" if foreign else ""
        raise SubmissionError(f"this is not a notebook of this assignment{hint}")

    kernel = metadata.get("kernelspec")
    kernel = kernel.get("name", "python3") if isinstance(kernel, dict) else "python3"
    language = metadata.get("language_info")
    language = language.get("name", "python") if isinstance(language, dict) else "python"
    if kernel != release["metadata"]["kernelspec"]["name"]:
        remarks.append(f"made with the kernel {kernel} ({language}), graded with python3")
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
    for cell in cells:
        name = grade_id(cell)
        if name and name in expected:
            untouched = source_of(cell).strip() == source_of(expected[name]).strip()
            if name not in answers or not untouched:
                answers[name] = cell
            last = name
            added.setdefault(last, [])
        elif source_of(cell).strip():
            added[last].append(cell)
    for cell in (cell for extra in added.values() for cell in extra):
        remarks += _suspicious("an added cell", source_of(cell))
    built = [_new_cell(cell) for cell in added[None]]
    for name, cell in expected.items():
        cell = dict(cell)
        if name in answers:
            theirs = source_of(answers[name])
            if is_solution(cell):
                remarks += _remarks_on(name, cell, theirs)
                cell["source"] = theirs
                if "attachments" in answers[name] and cell["cell_type"] == "markdown":
                    cell["attachments"] = answers[name]["attachments"]
            elif theirs.strip() != source_of(cell).strip():
                remarks.append(f"cell {name} was edited, and put back")
        built += [cell, *(_new_cell(extra) for extra in added.get(name, []))]
    for number, cell in enumerate(built):
        cell["id"] = f"cell-{number}"
    return {**release, "cells": built}, remarks


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
    if cell.get("cell_type") != "code":
        return {"cell_type": "markdown", "metadata": {}, "source": source_of(cell)}
    empty: dict = {"metadata": {}, "execution_count": None, "outputs": []}
    return {"cell_type": "code", "source": source_of(cell), **empty}
