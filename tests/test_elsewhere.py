"""The ways to run the course elsewhere: what their files say is what the course has."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import subprocess
from pathlib import Path

import pytest

yaml = pytest.importorskip("yaml")  # it comes with JupyterLab
ROOT = Path(__file__).resolve().parent.parent
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
TARGETS = set(re.findall(r"^([a-z-]+):", MAKEFILE, flags=re.M))


def made(text: str) -> set[str]:
    """Return what a text asks make for."""
    return set(re.findall(r"(?<![\w-])make\"?,? \"?([a-z][a-z-]*)", text))


# ---------------------------------------------------------------- a container, Binder


def instructions(dockerfile: str) -> list[tuple[str, str]]:
    """Return the instructions of a Dockerfile, without comments, long lines joined."""
    text = re.sub(r"^#.*\n", "", dockerfile, flags=re.M).replace("\\\n", " ")
    return [tuple(line.split(None, 1)) for line in text.splitlines() if line.strip()]


def test_the_container_installs_the_lock_and_starts_what_the_readme_says():
    steps = instructions((ROOT / "Dockerfile").read_text(encoding="utf-8"))
    assert {name for name, _ in steps} <= {
        "FROM", "RUN", "USER", "WORKDIR", "COPY", "EXPOSE", "CMD",
    }  # fmt: skip
    assert re.search(r"python:3\.1[123]-", dict(steps)["FROM"])
    asked = {target for _, value in steps if "apt-get" not in value for target in made(value)}
    assert asked == {"setup", "lab"} and asked <= TARGETS
    assert json.loads(dict(steps)["CMD"])[2].startswith("LAB_ARGS=") and "LAB_ARGS" in MAKEFILE
    for name, value in steps:
        if name == "COPY":
            sources = [part for part in value.split()[:-1] if not part.startswith("--")]
            assert all((ROOT / source).exists() for source in sources), value
    before_setup = steps[: [value for _, value in steps].index("PIP_NO_CACHE_DIR=1 make setup")]
    copied = " ".join(value for name, value in before_setup if name == "COPY")
    for needed in ("requirements.lock", "Makefile", "course_utils/setup"):
        assert needed in copied, "what the first set-up needs, and no more"
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").split()
    assert {".git", ".venv", "build"} <= set(ignored)


def test_binder_has_a_python_that_fits_and_the_lock():
    folder = ROOT / ".binder"
    python = (folder / "runtime.txt").read_text(encoding="utf-8").strip()
    assert re.fullmatch(r"python-3\.1[123]", python)
    (line,) = (folder / "requirements.txt").read_text(encoding="utf-8").splitlines()
    assert (folder / line.removeprefix("-r ")).resolve() == ROOT / "requirements.lock"
    after = folder / "postBuild"
    for module in re.findall(r"-m (course_utils[\w.]*)", after.read_text(encoding="utf-8")):
        assert importlib.util.find_spec(module), module
    if os.name == "posix":
        assert os.access(after, os.X_OK)
        assert subprocess.run(["bash", "-n", after]).returncode == 0


# ---------------------------------------------------------------- a public forge

WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
SHELLS = {"python", "make", "git", "docker", "curl", ".ci/run"}


def load(name: str):
    """Import a script that lies in no package."""
    spec = importlib.util.spec_from_file_location(name, ROOT / ".github" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_a_workflow_asks_for_what_there_is(path):
    workflow = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert workflow["name"] == path.stem and workflow["permissions"] == {"contents": "read"}
    assert True in workflow or "on" in workflow, "YAML reads `on` as true"
    for job in workflow["jobs"].values():
        assert job["runs-on"] and job["timeout-minutes"] <= 120 and job["steps"]
        for step in job["steps"]:
            assert ("uses" in step) != ("run" in step), step
            if "uses" in step:
                assert re.fullmatch(r"[\w-]+/[\w-]+@v\d+", step["uses"])
                continue
            assert made(step["run"]) <= TARGETS, step["run"]
            for line in step["run"].splitlines():
                first = line.split()[0]
                assert first in SHELLS or first.startswith((".venv", "if", "python")), line
            for script in re.findall(r"[\w.\\/]+\.py", step["run"]):
                assert (ROOT / script.replace("\\", "/")).is_file(), script
    assert (ROOT / ".ci" / "run").is_file()


def test_the_systems_and_the_pythons_are_those_of_the_readme():
    text = (ROOT / ".github" / "workflows" / "test.yml").read_text(encoding="utf-8")
    matrix = yaml.safe_load(text)["jobs"]["test"]["strategy"]["matrix"]
    systems = {system.partition("-")[0] for system in matrix["system"]}
    assert systems == {"ubuntu", "windows", "macos"} and len(matrix["python"]) == 2
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert all(re.search(rf"\b{re.escape(python)}\b", readme) for python in matrix["python"])
    for command in (r"course_utils\setup\bootstrap.py", r".venv\Scripts\python tests\run_all.py"):
        assert command in text and command in readme


def test_a_command_that_does_not_exist_is_found():
    assert made("make test && make nothing") - TARGETS == {"nothing"}


def test_the_newest_versions_are_those_that_say_they_fit():
    newest = load("newest")
    project = '[\n    "numpy==2.4.6",\n    "tf-cpu==0.21.3; sys_platform == \'win32\'",\n]\n'
    wide = newest.loosened(project)
    assert '"numpy>=2.4.6,<3"' in wide
    assert "\"tf-cpu>=0.21.3,<0.22; sys_platform == 'win32'\"" in wide
    assert newest.pinned(wide, {}) == project
    found = newest.pinned(wide, {"numpy": "2.9.1", "tf-cpu": "0.21.9"})
    assert '"numpy==2.9.1"' in found and '"tf-cpu==0.21.9; sys' in found
    conda = "\n      # - numpy==2.4.6  # 00-15\n"
    assert newest.pinned(conda, {"numpy": "2.9.1"}) == conda.replace("2.4.6", "2.9.1")


def test_with_the_versions_of_the_locks_nothing_changes():
    newest = load("newest")
    versions = newest.locked(ROOT)
    for name in ("pyproject.toml", "environment.yml"):
        text = (ROOT / name).read_text(encoding="utf-8")
        assert newest.pinned(newest.loosened(text), versions) == text


def test_links_to_other_places_are_found_and_a_dead_one_is_told(tmp_path, capsys, monkeypatch):
    checker = load("links")
    assert len(checker.links(ROOT)) > 3
    cells = [{"cell_type": "markdown", "source": ["see <https://a.test/b>."]}]
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "notebooks" / "a.ipynb").write_text(json.dumps({"cells": cells}))
    (tmp_path / "a.md").write_text("[x](https://a.test/c) https://HUB/x http://127.0.0.1:8/")
    assert set(checker.links(tmp_path)) == {"https://a.test/b", "https://a.test/c"}
    answers = {"https://a.test/b": 404, "https://a.test/c": 503}

    def urlopen(request, timeout):
        code = answers[request.full_url]
        raise checker.urllib.error.HTTPError(request.full_url, code, "", None, None)

    monkeypatch.setattr(checker.urllib.request, "urlopen", urlopen)
    monkeypatch.setattr(checker.time, "sleep", lambda seconds: None)
    assert checker.main(tmp_path) == 1
    said = capsys.readouterr().out
    assert "https://a.test/b (notebooks/a.ipynb): 404" in said and "2 links, 1 dead" in said


# ---------------------------------------------------------------- a hub


def test_the_hub_has_the_versions_that_pyproject_names_and_the_courses_own():
    newest = load("newest")
    hub = (ROOT / "tests" / "hub" / "requirements.lock").read_text(encoding="utf-8")
    pins = dict(re.findall(r"^([a-z0-9-]+)==([^ ;]+)", hub, flags=re.M))
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    (extra,) = re.findall(r"^hub = \[\n(.*?)^\]", project, flags=re.M | re.S)
    wanted = dict(re.findall(r'"([\w-]+)==([\d.]+)"', extra))
    assert len(wanted) == 2 and wanted.items() <= pins.items()
    course = newest.locked(ROOT)
    for name, version in pins.items():
        assert course[name] == version, f"{name}: the course has another version"
    for block in re.split(r"\n(?=[a-z0-9])", hub)[1:]:
        assert "--hash=sha256:" in block, block
    assert not re.findall(r"https?:|file:|^-|(?<!\w)/\w+", hub, flags=re.M)


def test_the_hubs_proxy_is_locked_with_hashes():
    folder = ROOT / "tests" / "hub"
    asked = json.loads((folder / "package.json").read_text(encoding="utf-8"))["dependencies"]
    lock = json.loads((folder / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    assert lock[""]["dependencies"] == asked
    assert all("integrity" in about for name, about in lock.items() if name)
