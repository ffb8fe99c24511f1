"""The student edition: built, searched for what it must not hold, and tested as a student would."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from course_utils.instructors import student_edition
from course_utils.instructors.student_edition import EditionError, course_files, for_students

import pytest

ROOT = Path(__file__).resolve().parents[2]
HIDDEN = re.compile(
    r"### BEGIN (SOLUTION|HIDDEN TESTS|MARK SCHEME)\n(.*?)### END \1", flags=re.S | re.M
)


@pytest.fixture(scope="module")
def edition(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("edition") / "course"
    student_edition.build(ROOT, folder)
    return folder


def sources(path: Path) -> list[str]:
    """Return the text of each cell of a notebook."""
    return ["".join(cell["source"]) for cell in json.loads(path.read_text("utf-8"))["cells"]]


def lines(path: Path) -> set[str]:
    """Return the lines of a notebook's cells or of another text file, without indent."""
    if path.suffix == ".ipynb":
        text = "\n".join(sources(path))
    else:
        text = path.read_bytes().decode("utf-8", errors="replace")
    return {line.strip() for line in text.splitlines()}


def test_no_line_of_a_solution_a_test_or_a_scheme_is_in_any_file(edition):
    hidden, public = set(), set()
    for path in (ROOT / "notebooks" / "exercises").glob("*/*.ipynb"):
        for source in sources(path):
            for _, part in HIDDEN.findall(source):
                hidden.update(line.strip() for line in part.splitlines())
            public.update(line.strip() for line in HIDDEN.sub("", source).splitlines())
    assert len(hidden) > 1000
    for proof in (ROOT / "tests" / "exercises").glob("[0-9]*/*/*"):
        hidden |= lines(proof)
    for pattern in ("notebooks/*.ipynb", "course_utils/**/*.py", "data/*.py", "tests/unit/*.py"):
        for path in ROOT.glob(pattern):
            public |= lines(path) if "instructors" not in path.parts else set()
    secret = {line for line in hidden - public if len(line) > 15 and "import " not in line}
    files = [path for path in edition.rglob("*") if path.is_file()]
    assert len(files) > 100
    for path in files:
        assert not lines(path) & secret, path
        assert b"### BEGIN" not in path.read_bytes(), path


def test_it_has_every_assignment_and_no_code_that_grades(edition):
    def assignments(root):
        found = (root / "notebooks" / "exercises").glob("*/*.ipynb")
        return sorted(path.relative_to(root) for path in found)

    assert assignments(edition) == assignments(ROOT)
    for name in student_edition.LEFT_OUT:
        assert name == "notebooks/exercises" or not (edition / name).exists()
    for path in edition.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"^\s*(from|import) course_utils\.instructors", text, re.M), path
    chapters = [path.name for path in (edition / "notebooks").glob("*.ipynb")]
    assert sorted(chapters) == sorted(path.name for path in (ROOT / "notebooks").glob("*.ipynb"))


def test_its_readme_offers_what_it_has(edition):
    readme = (edition / "README.md").read_text(encoding="utf-8")
    commands = re.findall(r"^([a-z-]+):", (edition / "Makefile").read_text(), flags=re.M)
    assert set(re.findall(r"`?\bmake ([a-z-]+)", readme)) <= set(commands)
    assert {"lab", "test", "test-fast"} <= set(commands)
    assert not {"assignments", "grade", "student-edition"} & set(commands)
    for folder in re.findall(r"^\| `([\w/]+/)`", readme, flags=re.M):
        assert folder == "build/" or (edition / folder).is_dir(), folder
    assert "instructors" not in readme and "<!--" not in readme
    assert "hand in the notebook" in readme


# What can differ in it: links, style, notebooks, what may be imported, what is installed
OWN = ("test_text", "test_notebooks", "test_structure", "test_setup", "test_paths", "test_corpora")


def test_what_is_not_tested_again_is_the_same(edition):
    """Modules and their tests pass in the course; in the edition they are the very same files."""
    for pattern in ("course_utils/**/*.py", "tests/unit/*.py"):
        for path in edition.glob(pattern):
            original = ROOT / path.relative_to(edition)
            assert path.stem in OWN or path.read_bytes() == original.read_bytes(), path


def test_its_tests_pass(edition):
    """Those that can turn out otherwise than in the course: its guards, links and style."""
    command = [sys.executable, "tests/run_all.py", "--fast", "-k", " or ".join(OWN)]
    environment = {**os.environ, "PYTHONPATH": str(edition)}
    result = subprocess.run(command, cwd=edition, env=environment, capture_output=True, text=True)
    assert result.returncode == 0, result.stdout + result.stderr
    assert re.search(r"^\d{2,} passed, 0 failed", result.stdout, flags=re.M), result.stdout


# ---------------------------------------------------------------- what goes in, and what is marked


def test_a_copy_without_git_has_the_same_files(tmp_path):
    files = course_files(ROOT)
    for path in files:
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).touch()
    shutil.copy(ROOT / ".gitignore", tmp_path)
    for path in ("build/release/x", ".venv/bin/python", "tests/__pycache__/x.pyc", "a.unfinished"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).touch()
    assert sorted(course_files(tmp_path)) == sorted(files)


def test_a_checkout_that_git_cannot_read_is_told(tmp_path):
    (tmp_path / ".git").write_text("gitdir: /nowhere")
    with pytest.raises(EditionError, match="git does not list its files.*copy the course without"):
        course_files(tmp_path)


def test_what_is_marked_goes_and_what_is_covered_comes():
    marked = (
        "all\n<!-- instructors -->\ngrade\n<!-- /instructors -->\n| a row <!-- instructors --> |\n"
        "<!-- students\nhand in\n-->\n# instructors\ngrade:\n# /instructors\n"
        "packages = 2  # instructors\n# students: packages = 1\n# For instructors\n"
    )
    assert for_students(marked) == "all\nhand in\npackages = 1\n# For instructors\n"
    for alone in ("# instructors\nnever closed", "<!-- /instructors -->", "<!-- students"):
        with pytest.raises(EditionError, match="opened or closed alone"):
            for_students(f"text\n{alone}\nmore\n")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("notes/my_answers.py", "def power(x):\n    return np.mean(np.square(x - x.mean()))\n"),
        ("notes/copy.md", "### BEGIN SOLUTION\n"),
        ("tests/unit/test_power.py", "# instructors\nis never closed\n"),
        ("tests/unit/test_marks.py", "assert marks >= set(  # instructors\n    'ab'\n)\n"),
    ],
)
def test_what_would_give_something_away_is_refused(name, text, tmp_path, monkeypatch):
    monkeypatch.setattr(student_edition, "release_assignments", lambda root, target: None)
    root, target = tmp_path / "course", tmp_path / "build" / "edition"
    source = "### BEGIN SOLUTION\nreturn np.mean(np.square(x - x.mean()))\n### END SOLUTION"
    exercise = {"cells": [{"cell_type": "code", "source": source}]}
    (root / "notebooks" / "exercises" / "01_power").mkdir(parents=True)
    (root / "notebooks/exercises/01_power/power.ipynb").write_text(json.dumps(exercise))
    for path, content in {".gitignore": "/build/", "README.md": "# Course\n"}.items():
        (root / path).write_text(content)
    assert student_edition.build(root, target) == 2
    (root / name).parent.mkdir(parents=True)
    (root / name).write_text(text)
    with pytest.raises(EditionError, match=re.escape(name)):
        student_edition.build(root, target)
    kept = sorted(path.name for path in target.parent.rglob("*"))
    assert kept == [".gitignore", "README.md", "edition"], "the older edition stays as it was"
