"""The set-up: three lists of packages that agree, and a bootstrap that says what is wrong."""

import ast
import collections
import functools
import importlib.metadata
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
import venv as standard_venv
from pathlib import Path

from course_utils.setup import bootstrap, machine

import pytest

ROOT = Path(__file__).resolve().parents[2]
LOCK = ROOT / "requirements.lock"
posix = pytest.mark.skipif(os.name == "nt", reason="make and shell scripts")


# ---------------------------------------------------------------- the three lists


def plain(requirement: str) -> tuple[str, str, str]:
    """Split ``name==version; marker``."""
    pin, _, marker = requirement.partition(";")
    name, _, version = pin.strip().partition("==")
    return name, version, marker.strip()


BESIDE_THE_LOCK = {"cluster", "torch"}  # extras that nobody gets without asking


def declared(beside: bool = True) -> set[tuple[str, str, str]]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    extras.pop("hub", None)  # has a lock and an environment of its own: tests/test_elsewhere.py
    groups = [group for name, group in extras.items() if beside or name not in BESIDE_THE_LOCK]
    return {
        plain(requirement) for group in [project["dependencies"], *groups] for requirement in group
    }


def environment() -> dict[tuple[str, str, str], str]:
    """Return each requirement of environment.yml with the comment behind it."""
    text = (ROOT / "environment.yml").read_text(encoding="utf-8")
    line = r'^ +(?:# )?- "?([\w-]+==?[^"#\n]*[^"#\s])"? *(?:# *(.*))?$'
    lines = re.findall(line, text, flags=re.M)
    return {plain(requirement): comment for requirement, comment in lines}


def chapters(comment: str) -> set[str]:
    """Read ``00, 02, 04-13`` as a set of chapter numbers."""
    numbers = set()
    for first, last in re.findall(r"(\d\d)(?:-(\d\d))?", comment):
        numbers |= {f"{number:02d}" for number in range(int(first), int(last or first) + 1)}
    return numbers


def test_environment_names_what_pyproject_names():
    conda = {requirement for requirement in environment() if requirement[0] != "python"}
    conda = {requirement for requirement in conda if requirement[1]}
    assert conda == declared()
    assert "- --requirement requirements.lock" in (ROOT / "environment.yml").read_text()


def test_the_lock_holds_what_pyproject_names():
    pins = dict(re.findall(r"^([a-z0-9-]+)==([^ ]+)", LOCK.read_text(), flags=re.M))
    assert {name: version for name, version, _ in declared(beside=False)}.items() <= pins.items()
    asked_for = {name for name, *_ in declared()} - {name for name, *_ in declared(beside=False)}
    assert not asked_for & set(pins), "who wants these asks for them"


def test_every_version_is_exact_and_every_package_hashed():
    assert all(re.fullmatch(r"[\d.]+", version) for _, version, _ in declared())
    for block in re.split(r"\n(?=[a-z0-9])", LOCK.read_text())[1:]:
        assert "--hash=sha256:" in block, block


def test_the_lock_holds_no_address_and_no_path():
    assert not re.findall(r"https?:|file:|^-|(?<!\w)/\w+", LOCK.read_text(), flags=re.M)


def test_environment_says_which_chapters_need_a_package():
    syllabus = set(re.findall(r"^\| (\d\d) \|", (ROOT / "README.md").read_text(), flags=re.M))
    assert syllabus == {f"{number:02d}" for number in range(16)}
    for requirement, comment in environment().items():
        assert chapters(comment), f"{requirement[0]}: no chapter named"
        assert chapters(comment) <= syllabus, f"{requirement[0]}: {comment}"


def imported(source: str) -> set[str]:
    """Return the top-level names of the packages, not of the standard library, imported."""
    source = re.sub(r"^\s*[%!].*$", "", source, flags=re.M)
    names = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            names.add(node.module)
    tops = {name.partition(".")[0] for name in names}
    return tops - set(sys.stdlib_module_names) - {"course_utils", "data", "tests"}


@functools.cache
def sources() -> dict[Path, str]:
    """Return the Python code of every module, test, script and notebook of the course."""
    code = {}
    for folder in ("course_utils", "tests", "data"):
        for path in (ROOT / folder).rglob("*.py"):
            code[path] = path.read_text(encoding="utf-8")
    for path in (ROOT / "notebooks").rglob("*.ipynb"):
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        code[path] = "\n\n".join("".join(c["source"]) for c in cells if c["cell_type"] == "code")
    return code


def test_every_import_is_declared_for_its_chapter():
    owners = importlib.metadata.packages_distributions()
    needed_in = {name: chapters(comment) for (name, _, _), comment in environment().items()}
    missing = collections.defaultdict(set)
    own = collections.defaultdict(set)  # modules of each folder at the top
    for path in sources():
        own[path.relative_to(ROOT).parts[0]] |= {path.stem} if path.suffix == ".py" else set()
    for path, source in sources().items():
        chapter = path.name[:2] if path.parent.name == "notebooks" else None
        for module in imported(source) - own[path.relative_to(ROOT).parts[0]]:
            names = {re.sub(r"[-_.]+", "-", name).lower() for name in owners.get(module, [module])}
            packages = names & set(needed_in)
            if not packages:
                missing[path.name].add(f"{module} is not declared")
            elif chapter and not any(chapter in needed_in[package] for package in packages):
                missing[path.name].add(f"environment.yml does not name {chapter} for {module}")
    assert not missing


# ---------------------------------------------------------------- the right Python


@pytest.mark.parametrize("version", [(3, 11, 0), (3, 12, 1, "final", 0), (3, 13, 9)])
def test_a_python_that_can_run_the_course(version):
    assert bootstrap.python_problem(version) == ""


@pytest.mark.parametrize("version", [(3, 6, 15), (3, 10, 13), (3, 14, 0), (4, 0, 0)])
def test_a_python_too_old_or_too_new_is_told_in_one_line(version):
    problem = bootstrap.python_problem(version)
    assert (
        "needs Python 3.11, 3.12 or 3.13; this is Python " + "{}.{}.{}".format(*version) in problem
    )
    assert "PYTHON=python3.12" in problem and "\n" not in problem


def test_an_old_python_can_read_the_bootstrap_and_say_so():
    source = (ROOT / "course_utils" / "setup" / "bootstrap.py").read_text(encoding="ascii")
    ast.parse(source, feature_version=(3, 6))
    assert imported(source) == set()


@posix
@pytest.mark.skipif(not shutil.which("make"), reason="no make")
def test_make_chooses_a_python_that_fits(tmp_path):
    make = shutil.which("make")
    shutil.copy(ROOT / "Makefile", tmp_path)

    def setup(*arguments, folder="bin"):
        return subprocess.run(
            [make, "setup", *arguments],
            cwd=tmp_path, env={"PATH": str(tmp_path / folder)}, capture_output=True, text=True,
        )  # fmt: skip

    (tmp_path / "bin").mkdir()
    for name, fits in {"python3": 0, "python3.13": 0, "python3.12": 1, "python3.11": 1}.items():
        script = f'#!/bin/sh\n[ "$1" = -c ] && exit {1 - fits}\necho "{name} $1"\n'
        (tmp_path / "bin" / name).write_text(script)
        (tmp_path / "bin" / name).chmod(0o755)
    assert setup().stdout == "python3.12 course_utils/setup/bootstrap.py\n"
    assert setup("PYTHON=python3.11").stdout == "python3.11 course_utils/setup/bootstrap.py\n"
    assert "3.13; python3 was not found" in setup(folder="none").stderr


@posix
@pytest.mark.skipif(not shutil.which("make"), reason="no make")
def test_make_help_lists_every_command():
    shown = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    commands = set(re.findall(r"^  make ([a-z-]+) +\S", shown, flags=re.M))
    assert commands >= set("lab test test-fast data outputs lint clean help".split())
    # instructors
    assert commands >= set("assignments grade student-edition benchmark hooks".split())
    # /instructors
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), flags=re.M)
    assert commands == set(targets)


def test_make_sets_what_the_tests_set_for_faster_trainings():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    runner = (ROOT / "tests" / "run_all.py").read_text(encoding="utf-8")
    set_by_make = re.findall(r"^(MALLOC_\w+|TF_\w+) \?= (\d+)$", makefile, flags=re.M)
    assert dict(set_by_make) == dict(re.findall(r'"(MALLOC_\w+|TF_\w+)": "(\d+)"', runner))
    assert len(set_by_make) == 4
    assert "export " + " ".join(name for name, _ in set_by_make) in makefile


# ---------------------------------------------------------------- away from the course's folder


def python(code: str, folder: Path, **environment: str) -> subprocess.CompletedProcess:
    """Run code as a kernel does whose notebook lies in `folder`."""
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        capture_output=True,
        text=True,
    )


def test_a_notebook_copied_out_of_the_course_finds_the_data(tmp_path):
    code = (
        "from course_utils import corpora, paths, results\n"
        "corpora.load_digits('embedded'), corpora.load_noise('pink'), results.find_rows()\n"
        "print(paths.download_folder().relative_to(paths.ROOT))"
    )
    ran = python(code, tmp_path, COURSE_DATA="my-data")
    assert (ran.returncode, ran.stdout.strip()) == (0, "my-data"), ran.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_package_without_its_data_says_how_to_install_it(tmp_path):
    shutil.copytree(ROOT / "course_utils", tmp_path / "site-packages" / "course_utils")
    ran = python(
        "import course_utils.corpora", tmp_path, PYTHONPATH=str(tmp_path / "site-packages")
    )
    reason = ran.stderr.splitlines()[-1]
    assert reason.startswith("ImportError: course_utils lies in") and "data/" in reason
    assert "make lab" in reason and "pip install --no-deps -e ." in reason


def test_a_data_folder_that_cannot_be_made_is_told(tmp_path):
    (tmp_path / "file").touch()
    code = "from course_utils import corpora; corpora.load_digits('fsdd')"
    ran = python(code, tmp_path, COURSE_DATA=str(tmp_path / "file" / "data"))
    reason = ran.stderr.splitlines()[-1]
    assert "FSDD cannot be stored" in reason and "Set COURSE_DATA to a folder of yours" in reason


def test_a_course_in_a_folder_without_write_permission_is_told(tmp_path, monkeypatch):
    """As for an installed copy, /opt/course, or a stick that is write-protected."""
    said = f"Error: [Errno 13] Permission denied: '{tmp_path}/.venv'\n"
    denied = subprocess.CompletedProcess([], 1, stdout=said)
    monkeypatch.setattr(bootstrap, "ROOT", str(tmp_path))
    monkeypatch.setattr(bootstrap, "disk_problem", lambda venv: "")
    monkeypatch.setattr(bootstrap.subprocess, "run", lambda *_, **__: denied)
    with pytest.raises(SystemExit, match="Not allowed to write in .*a folder of your own") as told:
        bootstrap.main()
    assert "\n" not in str(told.value)


def test_a_folder_that_cannot_be_written_is_told_in_the_first_chapter(tmp_path, monkeypatch):
    assert machine.check_folder(tmp_path).fine
    monkeypatch.setattr(os, "access", lambda folder, mode: False)
    check = machine.check_folder(tmp_path)
    assert not check.fine and not check.needed and "copy the chapters" in check.remedy


# ---------------------------------------------------------------- a graphics card


@pytest.mark.parametrize(
    ("installed", "hidden", "card", "said"),
    [
        ("tensorflow-cpu", None, True, "processor: its build"),
        ("tensorflow", "-1", True, "processor: CUDA_VISIBLE_DEVICES turns"),
        ("tensorflow", "", True, "processor: CUDA_VISIBLE_DEVICES turns"),
        ("tensorflow", None, False, "processor: there is no graphics card"),
        ("tensorflow", "0", True, "may use the graphics card (CUDA_VISIBLE_DEVICES=-1 turns"),
        ("tensorflow tensorflow-metal", None, False, "may use the graphics card (tensorflow-metal"),
    ],
)
def test_one_line_says_what_tensorflow_computes_on(installed, hidden, card, said, monkeypatch):
    versions = dict.fromkeys(installed.split(), "2.21.0")
    monkeypatch.setattr(machine, "_installed", versions.get)
    monkeypatch.setattr(Path, "exists", lambda path: card)
    monkeypatch.setattr(shutil, "which", lambda name: None)
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    if hidden is not None:
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", hidden)
    check = machine.check_graphics_card()
    assert said in str(check) and "\n" not in str(check)


def test_tensorflow_is_not_imported_to_say_so(tmp_path):
    code = "import sys; from course_utils.setup.machine import check_machine; check_machine()"
    ran = python(f"{code}; sys.exit('tensorflow' in sys.modules)", tmp_path)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.count("TensorFlow") == 1


# ---------------------------------------------------------------- what can go wrong

Usage = collections.namedtuple("Usage", "total used free")


def test_a_full_disk_is_told_before_anything_is_written(tmp_path, monkeypatch):
    monkeypatch.setattr(bootstrap, "ROOT", str(tmp_path))
    monkeypatch.setattr(shutil, "disk_usage", lambda place: Usage(10**10, 0, 10**9))
    problem = bootstrap.disk_problem(str(tmp_path / ".venv"), shutil.disk_usage)
    assert "needs 4.0 GB and 1.0 GB are free" in problem and "\n" not in problem
    assert list(tmp_path.iterdir()) == []


def test_what_is_installed_already_needs_no_room(tmp_path):
    def free(gigabytes):
        return lambda place: Usage(0, 0, gigabytes * 1e9)

    assert bootstrap.disk_problem(str(tmp_path), free(3))
    with open(tmp_path / "libtensorflow", "wb") as file:
        file.truncate(2_000_000_000)
    assert not bootstrap.disk_problem(str(tmp_path), free(3))


FAILURES = {
    "disk is full": "ERROR: Could not install packages due to an OSError: [Errno 28] "
    "No space left on device",
    "index cannot be reached": "WARNING: Retrying (Retry(total=0, connect=None)) after connection "
    "broken by 'NewConnectionError(...)': /simple/absl-py/\nERROR: Could not find a version that "
    "satisfies the requirement absl-py==2.5.1 (from versions: none)\n"
    "ERROR: No matching distribution found for absl-py==2.5.1",
    "not the one the course was tested with": "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM "
    "THE REQUIREMENTS FILE.",
    "no build of tensorflow==2.21.0": "ERROR: No matching distribution found for "
    "tensorflow==2.21.0",
    "Not allowed to write": "ERROR: Could not install packages due to an OSError: [Errno 13] "
    "Permission denied: 'jupyter'",
    "long paths": "HINT: This error might have occurred since this system does not have Windows "
    "Long Path support enabled.",
    "something new": "Traceback\nError: something new",
}


@posix
@pytest.mark.parametrize("told", FAILURES)
def test_what_pip_says_becomes_one_line(told, tmp_path, capfd):
    (tmp_path / "said").write_text(FAILURES[told] + "\n")
    (tmp_path / "bin").mkdir()
    fake = tmp_path / "bin" / "python"
    fake.write_text(f'#!/bin/sh\ncat "{tmp_path}/said" >&2\nexit 1\n')
    fake.chmod(0o755)
    with pytest.raises(SystemExit) as stopped:
        bootstrap.install(str(tmp_path), str(LOCK), str(tmp_path / "build"))
    line = str(stopped.value)
    assert told in line and "\n" not in line and "setup.log" in line
    assert (tmp_path / "build" / "setup.log").read_text() == FAILURES[told] + "\n"
    assert not (tmp_path / "build" / "setup-tmp").exists()
    assert "".join(capfd.readouterr()) == ""


def test_a_python_that_cannot_make_environments_is_told(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "ensurepip", None)
    with pytest.raises(SystemExit, match=r"ensurepip.*apt install python3\.\d+-venv"):
        bootstrap.make_venv(str(tmp_path / ".venv"))


# ---------------------------------------------------------------- again, and after an interruption


@pytest.fixture
def course(tmp_path, monkeypatch):
    """Return a folder with a lock and a .venv that the bootstrap takes for complete."""
    folder = tmp_path / "course"
    monkeypatch.setattr(bootstrap, "ROOT", str(folder))
    standard_venv.create(folder / ".venv", symlinks=os.name != "nt")
    (folder / "requirements.lock").write_text("numpy==2.4.6\n")
    site = Path(bootstrap.site_packages(str(folder / ".venv")))
    (site / "numpy-2.4.6.dist-info").mkdir()
    (site / "numpy-2.4.6.dist-info" / "RECORD").touch()
    bootstrap.finish(str(folder / ".venv"), str(folder / "requirements.lock"))
    return folder


def complete(folder: Path) -> bool:
    return bootstrap.up_to_date(str(folder / ".venv"), str(folder / "requirements.lock"))


def test_nothing_is_done_when_nothing_changed(course, monkeypatch, capfd):
    for name in ("disk_problem", "repairable", "make_venv", "install"):
        monkeypatch.setattr(bootstrap, name, None)  # a call would fail
    bootstrap.main()
    assert "".join(capfd.readouterr()) == ""


def test_course_utils_is_found_wherever_python_starts(course, tmp_path):
    (course / "course_utils.py").touch()
    command = [bootstrap.venv_python(str(course / ".venv")), "-c", "import course_utils"]
    subprocess.run(command, cwd=tmp_path, check=True)


def test_a_change_is_seen(course, tmp_path):
    venv = course / ".venv"
    package = Path(bootstrap.site_packages(str(venv))) / "numpy-2.4.6.dist-info"
    package.rename(package.with_name("numpy-1.26.0.dist-info"))
    assert not complete(course), "a package that the student replaced"
    package.with_name("numpy-1.26.0.dist-info").rename(package)
    assert complete(course)
    (course / "requirements.lock").write_text("numpy==2.5.0\n")
    assert not complete(course), "a new lock"
    (course / "requirements.lock").write_text("numpy==2.4.6\n")
    (course / ".venv" / bootstrap.STAMP).rename(tmp_path / "stamp")
    assert not complete(course), "an install that was interrupted"
    (tmp_path / "stamp").rename(course / ".venv" / bootstrap.STAMP)
    course.rename(tmp_path / "elsewhere")
    assert not complete(tmp_path / "elsewhere"), "a folder that was moved"
    (tmp_path / "elsewhere").rename(course)
    assert complete(course)
    os.remove(bootstrap.venv_python(str(venv)))
    assert not complete(course), "a Python that was removed"


def test_an_environment_for_another_python_or_place_is_made_anew(course):
    config = course / ".venv" / "pyvenv.cfg"
    made = config.read_text()
    pip = Path(bootstrap.site_packages(str(course / ".venv"))) / "pip"
    assert not bootstrap.repairable(str(course / ".venv")), "it has no pip"
    pip.mkdir()
    (pip / "__main__.py").touch()
    made += f"command = python -m venv {course / '.venv'}\n"
    config.write_text(made)
    assert bootstrap.repairable(str(course / ".venv"))
    config.write_text(re.sub(r"version = 3\.\d+", "version = 3.1", made))
    assert not bootstrap.repairable(str(course / ".venv")), "another Python"
    config.write_text(made.replace(str(course), str(course) + "-old"))
    assert not bootstrap.repairable(str(course / ".venv")), "another place"
    config.unlink()
    assert not bootstrap.repairable(str(course / ".venv")), "made half"


def test_a_failed_install_leaves_no_stamp(course, monkeypatch):
    def fail(*_):
        sys.exit("no network")

    (course / "requirements.lock").write_text("numpy==2.5.0\n")
    monkeypatch.setattr(bootstrap, "disk_problem", lambda venv: "")
    monkeypatch.setattr(bootstrap, "repairable", lambda venv: True)
    monkeypatch.setattr(bootstrap, "install", fail)
    with pytest.raises(SystemExit):
        bootstrap.main()
    assert not (course / ".venv" / bootstrap.STAMP).exists()


def test_what_an_interrupted_pip_left_is_removed(tmp_path):
    for name in ("whole-1.0.dist-info", "torn-1.0.dist-info", "~umpy", "numpy"):
        (tmp_path / name).mkdir()
    (tmp_path / "whole-1.0.dist-info" / "RECORD").touch()
    bootstrap.remove_half_installed(str(tmp_path))
    assert {path.name for path in tmp_path.iterdir()} == {"whole-1.0.dist-info", "numpy"}
