"""nbgrader's exchange with the course's settings: whose work is whose, when it was fetched."""

import json
import logging
import os
import runpy
import sys
from pathlib import Path

from course_utils.instructors import assignments
from course_utils.paths import ROOT

import pytest
from nbgrader.apps import NbGraderAPI
from nbgrader.auth import Authenticator
from nbgrader.coursedir import CourseDirectory
from nbgrader.exchange import ExchangeFactory
from traitlets.config import Config

SETTINGS = ROOT / "tests" / "hub" / "settings" / "nbgrader_config.py"
NAME = "00_tiny"

if sys.platform == "win32":
    pytest.skip("nbgrader has no exchange on Windows", allow_module_level=True)


@pytest.fixture
def hub(tmp_path, monkeypatch):
    """Everybody's settings, and a folder for the exchange with a released assignment."""
    monkeypatch.setenv("COURSE_EXCHANGE", str(tmp_path / "exchange"))
    monkeypatch.setenv("COURSE_FOLDER", "course")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    for name in ("outbound/" + NAME, "inbound"):
        folder = tmp_path / "exchange" / "speech-recognition" / name
        folder.mkdir(parents=True)
    released = tmp_path / "exchange/speech-recognition/outbound" / NAME / "tiny.ipynb"
    released.write_text(json.dumps({"cells": []}))
    for name in ("home", "exchange"):
        (tmp_path / name).mkdir(exist_ok=True)
        (tmp_path / name).chmod(0o777)
    return tmp_path


def settings(**more: object) -> Config:
    config = Config()
    runpy.run_path(str(SETTINGS), init_globals={"get_config": lambda: config})
    config.CourseDirectory.root = os.getcwd()
    config.CourseDirectory.submitted_directory = "build/submitted"
    config.CourseDirectory.db_url = f"sqlite:///{os.getcwd()}/gradebook.db"
    config.ExchangeCollect.update(more)
    return config


def hand_in(hub, name: str, owner: str, second: int, owners: dict[str, str]) -> None:
    """Put a submission into the exchange that says a name and belongs to an account."""
    stamp = f"2026-03-01 12:00:{second:02d} UTC"
    folder = hub / "exchange/speech-recognition/inbound" / f"{name}+{NAME}+{stamp}+abc{second}"
    folder.mkdir()
    (folder / "tiny.ipynb").write_text(json.dumps({"by": owner}))
    (folder / "timestamp.txt").write_text(stamp)
    owners[folder.name] = owner


def collected(hub, monkeypatch, owners: dict[str, str], **more: object) -> dict[str, str]:
    """Collect as `nbgrader collect` does; return whose work lies under which name."""

    def owner(path: Path) -> str:
        if path.name not in owners:
            raise KeyError("uid not found")
        return owners[path.name]

    monkeypatch.setattr(Path, "owner", owner)
    logging.getLogger("traitlets").setLevel(logging.CRITICAL)
    result = NbGraderAPI(config=settings(**more)).collect(NAME)
    assert result["success"], result
    found = hub.glob(f"build/submitted/*/{NAME}/tiny.ipynb")
    return {path.parts[-3]: json.loads(path.read_text())["by"] for path in found}


@pytest.mark.slow
def test_a_submission_belongs_to_the_account_that_made_it(hub, monkeypatch):
    owners: dict[str, str] = {}
    hand_in(hub, "bob", "bob", 1, owners)
    hand_in(hub, "anna", "anna", 2, owners)
    hand_in(hub, "bob", "dora", 3, owners)  # nbgrader submit --student=bob
    assert collected(hub, monkeypatch, owners) == {"anna": "anna", "bob": "bob", "dora": "dora"}


@pytest.mark.slow
def test_who_puts_anothers_name_on_it_replaces_only_his_own(hub, monkeypatch):
    owners: dict[str, str] = {}
    hand_in(hub, "dora", "dora", 1, owners)
    hand_in(hub, "bob", "dora", 2, owners)
    assert collected(hub, monkeypatch, owners) == {"dora": "dora"}


@pytest.mark.slow
def test_where_all_share_an_account_the_name_counts(hub, monkeypatch):
    owners: dict[str, str] = {}
    hand_in(hub, "bob", "jovyan", 1, owners)
    hand_in(hub, "anna", "jovyan", 2, owners)
    found = collected(hub, monkeypatch, owners, check_owner=False)
    assert set(found) == {"anna", "bob"}


@pytest.mark.slow
def test_an_account_that_nobody_knows_has_a_name_of_its_own(hub, monkeypatch):
    owners: dict[str, str] = {}
    hand_in(hub, "bob", "bob", 1, owners)
    owners.clear()
    (name,) = collected(hub, monkeypatch, owners)
    assert name == f"user-id-{os.getuid()}"


def test_fetching_notes_the_time_and_goes_into_the_course_if_it_is_there(hub):
    exercises = hub / "home" / "course" / "notebooks" / "exercises"
    for folder in (hub / "home", exercises):
        folder.mkdir(parents=True, exist_ok=True)
        assert settings().Exchange.assignment_dir == str(folder)
    config = settings()
    config.CourseDirectory.assignment_id = NAME
    course = CourseDirectory(config=config)
    authenticator = Authenticator(config=config)
    fetch = ExchangeFactory(config=config).FetchAssignment
    fetch(coursedir=course, authenticator=authenticator, config=config).start()
    note = (exercises / NAME / "fetched.txt").read_text()
    assert note.endswith("UTC") and (exercises / NAME / "tiny.ipynb").is_file()


# ---------------------------------------------------------------- feedback goes back the same way


@pytest.mark.parametrize("secret", ["0123456789abcdef" * 8, "../../x", "", None])
def test_feedback_carries_the_secret_of_its_submission_or_one_that_nobody_has(secret, tmp_path):
    inbox = tmp_path / "build" / "submitted" / "lee [1]" / NAME
    page = tmp_path / "build" / "feedback" / "lee ~5B~1~5D~" / NAME
    for folder in (inbox, page):
        folder.mkdir(parents=True)
    if secret is not None:
        (inbox / "submission_secret.txt").write_text(secret)
    (inbox / "timestamp.txt").write_text("2026-03-01 12:00:00 UTC")
    assignments.ready_to_return(tmp_path, "lee [1]", NAME)
    kept = (page / "submission_secret.txt").read_text()
    assert kept == secret if secret and "/" not in secret else len(kept) == 128 and kept != secret
    assert (page / "timestamp.txt").read_text() == "2026-03-01 12:00:00 UTC"


def test_feedback_that_is_not_there_is_no_error(tmp_path):
    assignments.ready_to_return(tmp_path, "anna", NAME)
    assert list(tmp_path.iterdir()) == []
