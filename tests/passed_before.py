"""What has passed, and with which inputs: chapters with the synthetic voices, and the exercises.

Every training of the course is seeded, and every package is locked: a chapter that has passed says
the same again until something changes that it depends on, and a wrong answer is caught again. A
run with the second corpus takes as long as one with the first, and hundreds of submissions take
minutes to grade. So `make test` notes a pass in `passed_before.json`, with a digest of all that
the job can depend on, and runs it again when the digest is another one. The file is committed with
the change that it vouches for. `tests/run_all.py --again` believes no note.
"""

from __future__ import annotations

import functools
import hashlib
import json
import platform
import re
import shutil  # instructors
import sys
from collections.abc import Callable, Iterator
from importlib import metadata
from pathlib import Path

from course_utils.files import written_whole

ROOT = Path(__file__).resolve().parent.parent
NOTED = ROOT / "tests" / "passed_before.json"
FOLDERS = ("course_utils", "data")
NOT_IMPORTED = ("course_utils/instructors/", "course_utils/site/")  # by a chapter: a test holds it
FILES = ("conftest.py", "pyproject.toml", "requirements.lock")
# Files of the data that nothing reads whose code does not say so (a test holds it): their names,
# and what code says that reads them. Most chapters, and all that grades, do without these
READ_BY_NAME = {
    r"data/results\.json": r"\bfind_rows?\b|RESULTS_FILE|results\.json",
    r"data/\w+\.py": r"\b(from|import) data\b|\bdata\.\w+ import|import_module\(.data",
}


def digest_of(chapter: Path, settings: dict[str, str], root: Path = ROOT) -> str:
    """Return a digest of a chapter's code, how it is run, and all that it can depend on here."""
    cells = json.loads(chapter.read_text(encoding="utf-8"))["cells"]
    code = [(c["source"], c["metadata"].get("tags", [])) for c in cells if c["cell_type"] == "code"]
    unread = unread_by("\n".join("".join(source) for source, _ in code))
    files = [(name, of) for name, of in digests_of(shared_files, root) if not unread(name)]
    return digest(code, settings, machine(), installed(root), files)


def unread_by(code: str) -> Callable[[str], bool]:
    """Return what tells whether a file, by its name, is one that this code does not read."""
    names = [name for name, says in READ_BY_NAME.items() if not re.search(says, code)]
    return lambda file: any(re.fullmatch(name, file) for name in names)


# instructors
ALSO_GRADES = ("tests/conftest.py", "nbgrader_config.py", "Makefile")


def digest_of_exercises(root: Path = ROOT) -> str:
    """Return a digest of all that decides how submissions are graded here."""
    shut_in = shutil.which("bwrap") is not None  # without it an answer is graded in the open
    return digest(shut_in, machine(), installed(root), digests_of(files_of_exercises, root))


def files_of_exercises(root: Path) -> Iterator[Path]:
    """Find the assignments, the submissions to them, what grades them, and what they import."""
    yield from (root / name for name in (*FILES, *ALSO_GRADES))
    for path in files_in(root, *FOLDERS):
        if not unread_by("")(path.relative_to(root).as_posix()):
            yield path
    yield from files_in(root, "notebooks/exercises", "tests/exercises", prose=True)


# /instructors
def digest(*content: object) -> str:
    """Return the SHA-256 of what is given, written as JSON."""
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()


def machine() -> list[str]:
    """Name what can change the last digits, and is no file of the course."""
    return [sys.platform, platform.machine(), *platform.python_version_tuple()[:2]]


@functools.cache
def installed(root: Path) -> list[tuple[str, str]]:
    """Return the versions that are there of the packages that are locked: they may be others."""
    lock = (root / "requirements.lock").read_text(encoding="utf-8")
    found = []
    for name in sorted(set(re.findall(r"^([\w.-]+)==", lock, re.M))):
        try:
            found.append((name, metadata.version(name)))
        except metadata.PackageNotFoundError:  # of another system
            continue
    return found


@functools.cache
def digests_of(find: Callable[[Path], Iterator[Path]], root: Path) -> list[tuple[str, str]]:
    """Return the name and the digest of each file that a function finds."""
    return [
        (path.relative_to(root).as_posix(), hashlib.sha256(path.read_bytes()).hexdigest())
        for path in sorted(find(root))
    ]


def shared_files(root: Path) -> Iterator[Path]:
    """Find the files that all chapters share: the package, the data, what is installed."""
    yield from (root / name for name in FILES)
    for path in files_in(root, *FOLDERS):
        if not path.relative_to(root).as_posix().startswith(NOT_IMPORTED):
            yield path


def files_in(root: Path, *folders: str, prose: bool = False) -> Iterator[Path]:
    """Find every file below some folders, but for what programs left; Markdown only as `prose`."""
    for folder in folders:
        for path in (root / folder).rglob("*"):
            apart = "__pycache__" in path.parts or ".ipynb_checkpoints" in path.parts
            if path.is_file() and not apart and (prose or path.suffix != ".md"):
                yield path


def noted(path: Path) -> dict[str, str]:
    """Return the digests with which jobs passed last, by the name of the chapter or the job.

    A file that cannot be read, such as one with a conflict of git, vouches for nothing.
    """
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}


def note(name: str, digest: str, path: Path) -> None:
    """Note that a chapter, or a job, has passed."""
    notes = dict(sorted({**noted(path), name: digest}.items()))
    with written_whole(path) as whole:
        whole.write_text(json.dumps(notes, indent=1) + "\n", encoding="utf-8")
