"""Read a notebook file that may hold anything, in a process of its own with bounded memory.

    python -I -S course_utils/instructors/reading.py FILE

prints as JSON what grading needs of it: the text, names and identities of its cells, without
outputs; or in one sentence why there is nothing. Standard library only, so that it starts at once.
"""

import json
import re
import sys

__all__ = ["LONGEST_TIME", "UnreadableError", "main", "read"]

LARGEST_FILE = 100_000_000  # bytes; outputs may be large, and are dropped
LARGE_FILE = 5_000_000
LARGEST_MEMORY = 700_000_000  # bytes
LONGEST_TIME = 60  # seconds
LARGEST_TEXT = 2_000_000  # characters of all cells
LARGEST_ATTACHMENTS = 5_000_000  # pictures in written answers
MOST_CELLS = 2_000


class UnreadableError(ValueError):
    """Nothing in a file can be graded; the message says why."""


def limit_this_process() -> None:
    """Bound memory and time, where the system can."""
    try:
        import resource
    except ImportError:
        return
    for limit, most in (("RLIMIT_AS", LARGEST_MEMORY), ("RLIMIT_CPU", LONGEST_TIME)):
        resource.setrlimit(getattr(resource, limit), (most, most))


def text_of(value: object) -> str:
    """Return the text of a cell: a string, or a list of lines; every file can hold it."""
    text = "".join(map(str, value)) if isinstance(value, list) else value
    return text.encode("utf-8", "replace").decode() if isinstance(text, str) else ""


def dict_at(container: dict, name: str) -> dict:
    """Return what a dict has under a name, if that is a dict."""
    value = container.get(name)
    return value if isinstance(value, dict) else {}


def attachments_of(cell: dict) -> dict:
    """Return the pictures that are attached to a written answer."""
    kept = {}
    for name, kinds in dict_at(cell, "attachments").items():
        for kind, data in kinds.items() if isinstance(kinds, dict) else ():
            data = text_of(data)
            known = kind in ("image/png", "image/jpeg", "image/gif")
            if known and re.fullmatch(r"[A-Za-z0-9+/=\s]*", data):
                kept[text_of(name)] = {kind: data}
    return kept if sum(len(str(kinds)) for kinds in kept.values()) < LARGEST_ATTACHMENTS else {}


def read(path: str) -> dict:
    """Return the cells of a notebook file, and what is odd about it; raises UnreadableError."""
    with open(path, "rb") as file:
        data = file.read(LARGEST_FILE + 1)
    if not data:
        raise UnreadableError("the file is empty (0 bytes)")
    if len(data) > LARGEST_FILE:
        raise UnreadableError(f"the file is larger than {LARGEST_FILE // 1_000_000} MB")
    remarks = []
    if len(data) > LARGE_FILE:
        remarks.append(f"the file is {len(data) / 1e6:.0f} MB large; its outputs were dropped")
    try:
        notebook = json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        reason = "brackets in brackets" if isinstance(error, RecursionError) else error
        raise UnreadableError(f"the file is not JSON, so not a notebook ({reason})") from None
    del data
    sheets = [notebook] if isinstance(notebook, dict) else []
    if sheets and isinstance(notebook.get("worksheets"), list):  # nbformat 3
        sheets = [sheet for sheet in notebook["worksheets"] if isinstance(sheet, dict)]
    lists = [sheet.get("cells") for sheet in sheets]
    cells = [cell for cells in lists if isinstance(cells, list) for cell in cells]
    cells = [cell for cell in cells if isinstance(cell, dict)]
    if not cells:
        raise UnreadableError("the file is JSON, but a notebook without any cell")
    if len(cells) > MOST_CELLS:
        raise UnreadableError(f"the notebook has {len(cells):,} cells")
    kept = []
    for cell in cells:
        marks = dict_at(dict_at(cell, "metadata"), "nbgrader")
        kept.append(
            {
                "cell_type": "code" if cell.get("cell_type") == "code" else "markdown",
                "source": text_of(cell.get("source", cell.get("input", ""))),
                "grade_id": text_of(marks.get("grade_id")),
                "id": text_of(cell.get("id")),
                "attachments": attachments_of(cell),
            }
        )
    size = sum(len(cell["source"]) for cell in kept)
    if size > LARGEST_TEXT:
        raise UnreadableError(f"the cells hold {size:,} characters: no answer needs so many")
    metadata = dict_at(notebook, "metadata")
    return {
        "cells": kept,
        "kernel": text_of(dict_at(metadata, "kernelspec").get("name")),
        "language": text_of(dict_at(metadata, "language_info").get("name")),
        "remarks": remarks,
    }


def main(path: str) -> None:
    """Print what is read."""
    limit_this_process()
    try:
        found = read(path)
    except UnreadableError as error:
        found = {"error": str(error)}
    except OSError as error:
        found = {"error": f"the file cannot be read ({error.strerror})"}
    except MemoryError:
        found = {"error": f"reading the file takes more than {LARGEST_MEMORY // 1_000_000} MB"}
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1])
