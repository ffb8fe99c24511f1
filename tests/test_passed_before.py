"""What passed before runs again when anything changes that it depends on."""

from __future__ import annotations

import json
import re
from pathlib import Path

from tests import passed_before, run_all
from tests.passed_before import digest_of, note, noted

import pytest

CHAPTER = "notebooks/01_signals.ipynb"


@pytest.fixture
def course(tmp_path) -> Path:
    """A course of one chapter, with a file of each kind that may matter."""
    code = {"cell_type": "code", "source": "x = 1", "metadata": {"tags": ["a"]}, "outputs": []}
    cells = [{"cell_type": "markdown", "source": "Text.", "metadata": {}}, code]
    files = dict.fromkeys(
        (*passed_before.FILES, "course_utils/features.py", "course_utils/setup/quiet.py",
         "course_utils/site/build.py", "course_utils/instructors/cells.py", "data/recipes.py",
         "data/README.md", "data/words/a.ogg", "data/results.json"), "as it was"
    )  # fmt: skip
    files[CHAPTER] = json.dumps({"cells": cells})
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def digest(course: Path, **settings: str) -> str:
    passed_before.digests_of.cache_clear()
    passed_before.installed.cache_clear()
    return digest_of(course / CHAPTER, settings, course)


@pytest.mark.parametrize(
    "name",
    [*passed_before.FILES, "course_utils/features.py", "course_utils/setup/quiet.py",
     "data/words/a.ogg"],
)  # fmt: skip
def test_what_a_chapter_depends_on_changes_its_digest(course, name):
    before = digest(course)
    (course / name).write_text("another")
    assert digest(course) != before


@pytest.mark.parametrize("name", ["course_utils/new.py", "data/new/b.ogg"])
def test_a_new_file_does_too(course, name):
    before = digest(course)
    (course / name).parent.mkdir(exist_ok=True)
    (course / name).write_text("new")
    assert digest(course) != before


@pytest.mark.parametrize(
    "name",
    ["course_utils/site/build.py", "course_utils/instructors/cells.py", "data/README.md",
     "data/results.json", "data/recipes.py"],
)  # fmt: skip
def test_what_a_chapter_does_not_read_does_not(course, name):
    before = digest(course)
    (course / name).write_text("another")
    assert digest(course) == before


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("data/results.json", "print(results.find_rows(group='words'))"),
        ("data/results.json", "from course_utils.results import find_row as row"),
        ("data/results.json", "json.load(open('../data/results.json'))"),
        ("data/recipes.py", "from data.recipes import RECIPES"),
        ("data/recipes.py", "import data.recipes"),
        ("data/recipes.py", "from data import recipes"),
    ],
)
def test_what_a_chapter_reads_by_name_changes_its_digest(course, name, code):
    cells = json.loads((course / CHAPTER).read_text())["cells"]
    cells[1]["source"] = ["x = 1\n", code]
    (course / CHAPTER).write_text(json.dumps({"cells": cells}))
    before = digest(course)
    (course / name).write_text("another")
    assert digest(course) != before


def test_nothing_that_chapters_or_grading_import_reads_what_they_leave_out():
    root, mine = passed_before.ROOT, "course_utils/{}.py"
    # the first two are what code names; pages of the site are made by no chapter
    says_so = {mine.format(name) for name in ("results", "paths", "site/tables", "site/build")}
    says_so.add(mine.format("site/welcome"))
    code = [*passed_before.files_in(root, "course_utils"), root / "conftest.py"]
    # instructors
    code += [root / "tests" / "conftest.py"]
    code += passed_before.files_in(root, "notebooks/exercises", "tests/exercises")
    # /instructors
    for path in code:
        name = path.relative_to(root).as_posix()
        if path.suffix in (".py", ".ipynb") and name not in says_so:
            text = path.read_text("utf-8")
            read = [w for w, says in passed_before.READ_BY_NAME.items() if re.search(says, text)]
            assert not read, f"{name} reads {read}: a digest has to hold it"


def test_code_tags_settings_and_machine_count_and_text_and_outputs_do_not(course, monkeypatch):
    path, before = course / CHAPTER, digest(course)
    for cell, key, value, counts in (
        (0, "source", "Another text.", False),
        (1, "outputs", [{"output_type": "stream", "text": "1"}], False),
        (1, "source", "x = 2", True),
        (1, "metadata", {"tags": ["b"]}, True),
    ):
        cells = json.loads(path.read_text())["cells"]
        kept, cells[cell][key] = cells[cell][key], value
        path.write_text(json.dumps({"cells": cells}))
        assert (digest(course) != before) == counts, key
        cells[cell][key] = kept
        path.write_text(json.dumps({"cells": cells}))
    assert digest(course, COURSE_CELLS="twice=5") != before
    assert digest(course) == before
    (course / "requirements.lock").write_text("numpy==1.0\n")
    as_installed = digest(course)
    monkeypatch.setattr(passed_before.metadata, "version", lambda name: "another")
    assert digest(course) != as_installed
    (course / "requirements.lock").write_text("as it was")
    assert digest(course) == before
    monkeypatch.setattr(passed_before.platform, "machine", lambda: "another")
    assert digest(course) != before


# instructors
GRADED = [
    *passed_before.FILES, "course_utils/instructors/cells.py", "course_utils/site/build.py",
    "notebooks/exercises/01_signals/signals.ipynb", "tests/exercises/01_signals/mulaw/wrong_1.py",
    "tests/exercises/02_speech_and_spectra/words/wrong_1.md",
    "tests/exercises/conftest.py", "data/words/a.ogg", "Makefile", "nbgrader_config.py",
    "tests/conftest.py",
]  # fmt: skip


@pytest.mark.parametrize("name", [*GRADED, "tests/exercises/01_signals/mulaw/new.py"])
def test_what_grading_depends_on_changes_the_digest_of_the_exercises(course, name):
    def found() -> str:
        passed_before.digests_of.cache_clear()
        return passed_before.digest_of_exercises(course)

    for other in GRADED:
        (course / other).parent.mkdir(parents=True, exist_ok=True)
        (course / other).write_text("as it was")
    before = found()
    assert before == found()
    for other in ("README.md", "results.json", "recipes.py"):
        (course / "data" / other).write_text("another, which no exercise reads")
    assert before == found()
    (course / name).write_text("another")
    assert found() != before


def test_exercises_are_graded_again_where_answers_are_shut_in_otherwise(monkeypatch):
    before = passed_before.digest_of_exercises()
    here = passed_before.shutil.which("bwrap")
    monkeypatch.setattr(passed_before.shutil, "which", lambda name: None if here else name)
    assert passed_before.digest_of_exercises() != before


# /instructors
def test_what_needs_a_machine_without_trainings_runs_beside_its_like():
    chapter, browser = run_all.Job("chapter", [], 60), run_all.Job("browser", [], 60, apart=True)
    both_workers = run_all.Job("proofs", [], 60, workers=2)
    allowed = [(chapter, chapter), (browser, browser)]
    for job in (chapter, browser, both_workers):
        assert run_all.may_start(job, [])
        for other in (chapter, browser, both_workers):
            assert run_all.may_start(job, [other]) == ((job, other) in allowed)
    assert not run_all.may_start(chapter, [chapter, chapter])
    for job in run_all.jobs(False):
        assert job.apart == (job.arguments[0] in ("tests/browser", "tests/hub")), job.title


def test_a_pass_with_slower_trainings_vouches_for_no_other(monkeypatch):
    """`TF_ENABLE_ONEDNN_OPTS=0 make test` runs, and notes, another thing."""

    def digests():
        return {job.title: job.digest for job in run_all.jobs(False) if "embedded" in job.title}

    for name in run_all.TRAINS_FASTER:
        monkeypatch.delenv(name, raising=False)
    by_default = digests()
    for name, value in run_all.TRAINS_FASTER.items():
        monkeypatch.setenv(name, value)  # as make does
    assert digests() == by_default
    monkeypatch.setenv("TF_ENABLE_ONEDNN_OPTS", "0")
    assert not set(digests().values()) & set(by_default.values())


def run(monkeypatch, tmp_path, answers: dict[str, int], *arguments: str) -> list[str]:
    """Run `run_all.main` with jobs that end as told; return which chapters were run."""
    script = "import sys; print('1 passed in 0.1s'); sys.exit({})"

    def begin(job, more):
        made.append(job.noted_as)
        return start(job, more)

    def jobs(fast):
        return [run_all.Job(name, [], 1, 1, {}, name, f"digest of {name}") for name in answers]

    made: list[str] = []
    monkeypatch.setattr(passed_before, "NOTED", tmp_path / "noted.json")
    monkeypatch.setattr(run_all, "ROOT", tmp_path)
    monkeypatch.setattr(run_all, "jobs", jobs)
    popen = run_all.subprocess.Popen
    start = run_all.start

    def pretend(command, **how):
        chapter = made[-1]
        return popen([command[0], "-c", script.format(answers[chapter])], **how)

    monkeypatch.setattr(run_all, "start", begin)
    monkeypatch.setattr(run_all.subprocess, "Popen", pretend)
    run_all.main(list(arguments))
    monkeypatch.undo()
    return sorted(made)


def test_a_pass_is_noted_and_believed_until_something_changes(monkeypatch, tmp_path, capsys):
    assert run(monkeypatch, tmp_path, {"01": 0, "02": 1}) == ["01", "02"]
    assert noted(tmp_path / "noted.json") == {"01": "digest of 01"}, "no note of a failure"
    assert run(monkeypatch, tmp_path, {"01": 0, "02": 1}) == ["02"]
    assert "nothing changed since: 01." in capsys.readouterr().out
    recorded = json.loads((tmp_path / "build" / "last-run.json").read_text())["jobs"]
    assert [job["outcome"] for job in recorded] == ["passed before", "failed"]
    assert run(monkeypatch, tmp_path, {"01": 0, "02": 1}, "--again") == ["01", "02"]
    (tmp_path / "noted.json").write_text("<<<<<<< a conflict")
    assert run(monkeypatch, tmp_path, {"01": 0}) == ["01"]
    note("01", "another digest", tmp_path / "noted.json")
    assert run(monkeypatch, tmp_path, {"01": 0}) == ["01"]


def test_a_run_of_some_tests_notes_nothing(monkeypatch, tmp_path):
    run(monkeypatch, tmp_path, {"01": 0}, "-k", "something")
    assert noted(tmp_path / "noted.json") == {}


def test_every_chapter_has_a_digest_of_its_own():
    found = [job for job in run_all.jobs(False) if job.digest]
    chapters = [job for job in found if re.fullmatch(r"\d\d_\w+", job.noted_as)]
    assert len({job.digest for job in chapters}) == len(chapters) >= 16
    assert len({job.noted_as for job in found}) == len(found)
