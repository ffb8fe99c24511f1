"""Which chapters have passed with the synthetic voices, and with which inputs.

Every training of the course is seeded, and every package is locked: a chapter that has passed says
the same again until something changes that it depends on. A run with the second corpus takes as
long as one with the first, so `make test` notes a pass in `second_corpus.json`, with a digest of
all that the chapter can depend on, and runs it again when the digest is another one. The file is
committed with the change that it vouches for. `tests/run_all.py --again` believes no note.
"""

from __future__ import annotations

import functools
import hashlib
import json
import platform
import re
import sys
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

from course_utils.files import written_whole

ROOT = Path(__file__).resolve().parent.parent
NOTED = ROOT / "tests" / "second_corpus.json"
FOLDERS = ("course_utils", "data")
NOT_IMPORTED = ("course_utils/instructors/", "course_utils/site/")  # by a chapter: a test holds it
FILES = ("conftest.py", "pyproject.toml", "requirements.lock")


def digest_of(chapter: Path, settings: dict[str, str], root: Path = ROOT) -> str:
    """Return a digest of a chapter's code, how it is run, and all that it can depend on here."""
    cells = json.loads(chapter.read_text(encoding="utf-8"))["cells"]
    code = [(c["source"], c["metadata"].get("tags", [])) for c in cells if c["cell_type"] == "code"]
    text = json.dumps([code, settings, machine(), installed(root), shared(root)])
    return hashlib.sha256(text.encode()).hexdigest()


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
def shared(root: Path) -> list[tuple[str, str]]:
    """Return the name and the digest of each file that all chapters share."""
    return [
        (path.relative_to(root).as_posix(), hashlib.sha256(path.read_bytes()).hexdigest())
        for path in sorted(shared_files(root))
    ]


def shared_files(root: Path) -> Iterator[Path]:
    """Find the files that all chapters share: the package, the data, what is installed."""
    yield from (root / name for name in FILES)
    for folder in FOLDERS:
        for path in (root / folder).rglob("*"):
            name = path.relative_to(root).as_posix()
            apart = "__pycache__" in path.parts or path.suffix == ".md"
            if path.is_file() and not apart and not name.startswith(NOT_IMPORTED):
                yield path


def noted(path: Path) -> dict[str, str]:
    """Return the digests with which the chapters passed last, by the chapter's name.

    A file that cannot be read, such as one with a conflict of git, vouches for nothing.
    """
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}


def note(chapter: str, digest: str, path: Path) -> None:
    """Note that a chapter has passed."""
    notes = dict(sorted({**noted(path), chapter: digest}.items()))
    with written_whole(path) as whole:
        whole.write_text(json.dumps(notes, indent=1) + "\n", encoding="utf-8")
