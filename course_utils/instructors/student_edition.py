"""`make student-edition`: the course without the answers, to publish (INSTRUCTORS.md).

    python -m course_utils.instructors.student_edition

Students get the assignments as `make assignments` releases them, and no solution, no hidden
test, no code that grades. What README.md, the Makefile, pyproject.toml and the tests hold for
instructors alone is marked there; `for_students` takes it out.
"""

from __future__ import annotations

import ast
import fnmatch
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from course_utils.files import WriteError, written_whole
from course_utils.instructors.assignments import generate, notebooks
from course_utils.instructors.cells import HIDDEN, marked_lines, source_of
from course_utils.paths import ROOT

from tqdm import tqdm

__all__ = [
    "EditionError", "build", "course_files", "find_secrets", "for_students", "release_assignments",
]  # fmt: skip

LEFT_OUT = (
    "INSTRUCTORS.md", "CONTRIBUTING.md", ".ci", ".github", ".pre-commit-config.yaml",
    "nbgrader_config.py", "course_utils/instructors", "course_utils/site", "notebooks/exercises",
    "tests/benchmarks", "tests/editions", "tests/exercises", "tests/hub", "tests/site",
    "tests/test_elsewhere.py",
)  # fmt: skip
MARKED = ("Makefile", ".md", ".py", ".toml", ".yml")  # files that may hold marks
SECTION = re.compile(
    r"^ *(?:# instructors|<!-- instructors -->)\n.*?"
    r"^ *(?:# /instructors|<!-- /instructors -->)\n",
    flags=re.M | re.S,
)
LINE = re.compile(r"^.*\S *(?:# instructors$|<!-- instructors -->).*\n", flags=re.M)
COVERED = re.compile(r"^<!-- students\n(.*?)^-->\n", flags=re.M | re.S)
COVERED_LINE = re.compile(r"^( *)# students: ", flags=re.M)
LEFT_OVER = re.compile(r"# /?instructors$|<!-- /?instructors -->|<!-- students$", flags=re.M)
TESTS_THEM = re.compile(
    r"^\s*(?:from|import) (?:course_utils\.instructors|tests\.benchmarks)", flags=re.M
)
PUBLIC = (
    "notebooks/*.ipynb",
    "course_utils/**/*.py",
    "data/*.py",
    "tests/*.py",
    "tests/browser/*.py",
    "tests/unit/*.py",
)
SHORTEST_SECRET = 20  # characters; a shorter line, such as `return total`, gives nothing away


class EditionError(RuntimeError):
    """The student edition cannot be made, or would give something away; nothing was written."""


def course_files(root: Path) -> list[Path]:
    """Return the course's own files, relative to `root`: those that git has, if it is a checkout.

    In a copy without .git: all files but those that .gitignore names.

    Raises
    ------
    EditionError
        It is a checkout, and git cannot say which files belong to it.
    """
    if (root / ".git").exists():
        command = ["git", "-C", str(root), "ls-files", "-z"]
        try:
            listed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        except (OSError, subprocess.CalledProcessError) as error:
            reason = str(getattr(error, "stderr", None) or error).strip()
            raise EditionError(
                f"{root} is a git checkout, but git does not list its files ({reason}). "
                "Install or mend git, or copy the course without its folder .git."
            ) from error
        paths = [Path(name) for name in listed.split("\0") if name]
        return [path for path in paths if (root / path).is_file()]
    lines = (root / ".gitignore").read_text(encoding="utf-8").split()
    ignored = [line.strip("/") for line in lines]
    found = []
    for folder, folders, names in os.walk(root):
        for part in (folders, names):
            part[:] = [n for n in sorted(part) if not any(fnmatch.fnmatch(n, i) for i in ignored)]
        found += [Path(folder, name).relative_to(root) for name in names]
    return found


def for_students(text: str) -> str:
    """Return the text of a file as students get it.

    Left out are sections between lines ``# instructors`` and ``# /instructors``, and single
    lines that end with ``# instructors``; in Markdown the marks are comments,
    ``<!-- instructors -->``. What a comment ``<!-- students … -->`` covers, or ``# students:``
    at the beginning of a line, is uncovered.
    """
    text = LINE.sub("", SECTION.sub("", text))
    text = COVERED_LINE.sub(r"\1", COVERED.sub(r"\1", text))
    if left := LEFT_OVER.search(text):
        raise EditionError(f"a section is opened or closed alone: {left[0]}")
    return text


def find_secrets(root: Path) -> set[str]:
    """Return the lines that students must not see: of solutions, tests, marking schemes, proofs.

    A line that also stands in a chapter, in other code that is public or in the visible part of
    an assignment is no secret, nor is an import.
    """
    hidden: set[str] = set()
    visible: set[str] = set()
    for path in (root / "notebooks" / "exercises").glob("*/*.ipynb"):
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            for line, secret in marked_lines(source_of(cell)):
                (hidden if secret else visible).add(line.strip())
    for path in (root / "tests" / "exercises").glob("[0-9]*/*/*"):
        hidden.update(_lines(path))
    for pattern in PUBLIC:
        for path in root.glob(pattern):
            if "instructors" not in path.parts:
                visible.update(_lines(path))
    secrets = {line for line in hidden - visible if len(line) >= SHORTEST_SECRET}
    return {line for line in secrets if not line.startswith(("import ", "from "))}


def build(root: Path, target: Path) -> int:
    """Write the student edition of the course in `root` to `target`; return its number of files.

    Raises
    ------
    EditionError, WriteError
        Something hidden would be shown, or the folder cannot be written; nothing is left there.
    """
    secrets = find_secrets(root)
    target.parent.mkdir(parents=True, exist_ok=True)
    with written_whole(target) as edition:
        for path in course_files(root):
            if not any(path.as_posix() == part or part in _parents(path) for part in LEFT_OUT):
                _copy(root / path, edition / path)
        release_assignments(root, edition / "notebooks" / "exercises")
        files = [path for path in sorted(edition.rglob("*")) if path.is_file()]
        for path in files:
            for line in _lines(path):
                if line in secrets or any(f"### BEGIN {kind}" in line for kind in HIDDEN):
                    raise EditionError(f"{path.relative_to(edition)} would give away: {line}")
    return len(files)


def _parents(path: Path) -> Iterator[str]:
    return (parent.as_posix() for parent in path.parents)


def _copy(source: Path, target: Path) -> None:
    """Copy one file without what is for instructors; leave out a test of what is left out."""
    text = None
    if source.name.endswith(MARKED):
        try:
            text = for_students(source.read_text(encoding="utf-8"))
            ast.parse(text if source.suffix == ".py" else "")
        except (EditionError, SyntaxError) as error:
            raise EditionError(f"{source}, without what is marked: {error}") from None
        if TESTS_THEM.search(text):
            return
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(source, target)
    if text is not None:
        target.write_text(text, encoding="utf-8")


def release_assignments(root: Path, target: Path) -> None:
    """Write every assignment as students are given it. Raises `EditionError` if one shows more."""
    names = sorted(path.parent.name for path in (root / "notebooks/exercises").glob("*/*.ipynb"))
    with tempfile.TemporaryDirectory() as folder:  # the gradebook of the course stays as it is
        course = Path(folder)
        for name in tqdm(names, unit="assignment", desc="Student edition", disable=None):
            source, released = notebooks(course, name)
            shutil.copytree(root / "notebooks" / "exercises" / name, source.parent)
            if problems := generate(course, name):
                raise EditionError(f"{name}: {'; '.join(problems)}")
            shutil.copytree(released.parent, target / name)


def _lines(path: Path) -> list[str]:
    """Return the lines of a text file, or of a notebook's cells and outputs, without indent."""
    content = path.read_bytes()
    if b"\0" in content:
        return []
    text = content.decode("utf-8", errors="replace")
    if path.suffix == ".ipynb":
        cells = json.loads(text)["cells"]
        outputs = (output for cell in cells for output in cell.get("outputs", []))
        said = ["".join(output.get("text", "")) for output in outputs]
        text = "\n".join([*map(source_of, cells), *said])
    return [line.strip() for line in text.splitlines()]


def main() -> int:
    """Write build/student-edition/, or say why not."""
    target = ROOT / "build" / "student-edition"
    try:
        count = build(ROOT, target)
    except (EditionError, WriteError) as error:
        print(f"There is no new student edition. {error}", file=sys.stderr)
        return 1
    print(f"{target.relative_to(ROOT)}/: {count} files, and nothing hidden in them. Publish these.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
