"""Where the course's files are, and where downloads go."""

import os
import subprocess
import sys
from pathlib import Path

from course_utils import paths

import pooch


def test_the_course_is_found_from_anywhere(tmp_path):
    assert (paths.ROOT / "pyproject.toml").is_file()
    assert (paths.DATA_FOLDER / "embedded" / "index.csv").is_file()
    assert list(paths.MODELS_FOLDER.glob("*.keras")) and paths.RESULTS_FILE.is_file()
    command = "from course_utils import paths; print(paths.ROOT)"
    found = subprocess.run(
        [sys.executable, "-c", command],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(paths.ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert Path(found.stdout.strip()) == paths.ROOT


def test_downloads_go_where_the_student_says(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_DATA", str(tmp_path / "elsewhere"))
    assert paths.download_folder() == tmp_path / "elsewhere"
    assert not (tmp_path / "elsewhere").exists(), "asking makes no folder"


def test_downloads_go_to_the_cache_folder_otherwise(monkeypatch):
    for nothing in (None, ""):
        monkeypatch.delenv("COURSE_DATA", raising=False)
        if nothing is not None:
            monkeypatch.setenv("COURSE_DATA", nothing)
        assert paths.download_folder() == Path(pooch.os_cache("speech-recognition-course"))
