"""What `make lab` leaves out, so that JupyterLab opens sooner."""

import importlib
import json
import os
import sys
from pathlib import Path

from course_utils.setup import lab

import pytest

INSTALLED = Path(sys.prefix) / "etc" / "jupyter" / "jupyter_server_config.d" / "nbgrader.json"


@pytest.mark.parametrize("there", [None, "release", "submitted", "gradebook.db"])
def test_nbgrader_stays_out_until_there_is_something_to_grade(there, tmp_path):
    environment = {"JUPYTER_CONFIG_PATH": "of-the-student"}
    if there:
        (tmp_path / "build" / there).mkdir(parents=True)
    assert lab.leave_out_nbgrader(tmp_path, environment) == (there is None)
    paths = environment["JUPYTER_CONFIG_PATH"].split(os.pathsep)
    assert paths == ([] if there else [str(lab.WITHOUT_NBGRADER)]) + ["of-the-student"]


def test_all_of_nbgrader_is_left_out():
    """What nbgrader turns on for the server is what the course turns off, and its menu is too."""
    ours = lab.WITHOUT_NBGRADER / "jupyter_server_config.d" / "course.json"
    off, on = (
        json.loads(path.read_text(encoding="utf-8"))["ServerApp"]["jpserver_extensions"]
        for path in (ours, INSTALLED)
    )
    assert set(off) == set(on) and not any(off.values()) and all(on.values())
    page = json.loads((lab.WITHOUT_NBGRADER / "labconfig" / "page_config.json").read_text())
    for name in page["disabledExtensions"]:
        assert (Path(sys.prefix) / "share" / "jupyter" / "labextensions" / name).is_dir()


def test_the_first_chapter_is_opened_and_what_is_slow_is_not_loaded(monkeypatch):
    given = []
    monkeypatch.setitem(sys.modules, "jupyterlab", type("", (), {"labapp": labapp(given)}))
    monkeypatch.delitem(sys.modules, "rfc3987_syntax", raising=False)
    monkeypatch.setattr(os, "environ", {})
    lab.main(["--port=1"])
    assert given == [f"--LabApp.default_url={lab.FIRST}", "--port=1"]
    assert (lab.COURSE / lab.FIRST.removeprefix("/lab/tree/")).is_file()
    with pytest.raises(ImportError):
        importlib.import_module("rfc3987_syntax")
    del sys.modules["rfc3987_syntax"]


def labapp(given: list[str]):
    """Stand in for JupyterLab, and note its arguments."""
    return type("", (), {"main": staticmethod(given.extend)})
