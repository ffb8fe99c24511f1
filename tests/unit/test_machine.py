"""The check of the machine: what is missing is named, with what to do."""

import os
import shutil
import subprocess
import sys
import types

from course_utils.setup import machine

import pytest


def test_each_check_names_the_remedy():
    assert machine.check_python((3, 12)).fine
    old = machine.check_python((3, 10))
    assert str(old).startswith("❌ missing: Python 3.10  →  install Python 3.11 to 3.13")
    missing = machine.check_package("keras", None, "3.0")
    assert missing.needed and "make lab" in str(missing)
    other = machine.check_package("keras", "2.0", "3.0")
    assert not other.fine and not other.needed
    assert machine.check_package("keras", "3.0", "3.0").fine


def test_this_machine_can_run_the_course(capsys):
    assert machine.check_machine()
    assert "❌" not in capsys.readouterr().out


def test_this_machine_cannot_run_the_course_without_a_package(monkeypatch, capsys):
    versions = machine._installed
    missing = lambda name: None if name == "keras" else versions(name)  # noqa: E731
    monkeypatch.setattr(machine, "_installed", missing)
    assert not machine.check_machine()
    assert "❌ missing: keras is not installed  →" in capsys.readouterr().out


def test_the_lock_says_which_versions():
    assert machine.locked_versions(["numpy", "keras"])["keras"].count(".") == 2
    with pytest.raises(KeyError):
        machine.locked_versions(["no-such-package"])


def test_a_disk_that_is_full_or_read_only_is_told(tmp_path, monkeypatch):
    assert machine.check_disk(tmp_path / "not" / "there", needed_megabytes=0).fine
    full = types.SimpleNamespace(free=5_000_000)
    with monkeypatch.context() as patch:
        patch.setattr(shutil, "disk_usage", lambda folder: full)
        check = machine.check_disk(tmp_path)
    assert str(check).startswith("⚠️ note: 5 MB free for data  →") and "100 MB" in str(check)
    monkeypatch.setattr(machine.os, "access", lambda folder, mode: False)
    check = machine.check_disk(tmp_path)
    assert not check.fine and not check.needed
    assert "may not write" in check.what and "COURSE_DATA" in check.remedy


def test_missing_recordings_are_no_reason_to_stop(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_DATA", str(tmp_path))
    check = machine.check_corpus()
    assert not check.fine and not check.needed and "synthetic voices" in check.remedy
    (tmp_path / "fsdd-1.0.10" / "recordings").mkdir(parents=True)
    assert machine.check_corpus().fine
    tmp_path.chmod(0o500)
    try:
        assert machine.check_disk(tmp_path, needed_megabytes=10**9).fine, "there is no download"
    finally:
        tmp_path.chmod(0o700)


# ---------------------------------------------------------------- the report always appears


def report(tmp_path, code="", **variables) -> str:
    """Print the report in a process of its own, in an odd environment; return what it printed."""
    kept = {
        name: value for name, value in os.environ.items() if name not in ("HOME", "COURSE_DATA")
    }
    kept |= {"HOME": str(tmp_path), "PYTHONPATH": str(machine.ROOT)} | variables
    code += "\nfrom course_utils.setup import machine\nprint(machine.check_machine())"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={name: value for name, value in kept.items() if value is not None},
        cwd=tmp_path,
        capture_output=True,
    )
    assert done.returncode == 0, done.stderr.decode()
    printed = done.stdout.decode(variables.get("PYTHONIOENCODING", "utf-8").partition(":")[0])
    assert printed.splitlines()[-1] in ("True", "False")
    return printed


@pytest.mark.skipif(os.name == "nt", reason="Windows knows the home folder in another way")
@pytest.mark.parametrize("folder", [None, "~nobody-of-this-name/data"])
def test_no_home_folder_is_told(folder, tmp_path):
    nobody = "import pwd\ndef missing(user): raise KeyError(user)\n"
    nobody += "pwd.getpwuid = pwd.getpwnam = missing"
    printed = report(tmp_path, nobody, HOME=None, COURSE_DATA=folder)
    assert "⚠️ note: the data folder cannot be looked at (" in printed
    assert "set the environment variable COURSE_DATA" in printed
    assert not [path for path in tmp_path.iterdir() if path.name.startswith("~")]


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "cp437"])
def test_a_console_without_our_signs_still_shows_the_words(encoding, tmp_path):
    (tmp_path / "数据").mkdir()
    printed = report(tmp_path, PYTHONIOENCODING=encoding, COURSE_DATA=str(tmp_path / "数据"))
    assert "? ok: Python 3." in printed and "note: recordings of real people are not" in printed


def test_a_folder_that_was_removed_is_told(tmp_path):
    gone = tmp_path / "gone"
    gone.mkdir()
    printed = report(gone, f"import os; os.rmdir({str(gone)!r})", COURSE_DATA=str(tmp_path))
    assert "this folder cannot be looked at" in printed and "removed, or renamed" in printed


@pytest.mark.parametrize("how", ["forbidden", "impossible", "a file"])
def test_a_data_folder_that_cannot_be_entered_is_told(how, tmp_path, monkeypatch, capsys):
    folder = tmp_path / {"impossible": "x" * 300}.get(how, "folder") / "data"
    if how == "forbidden":
        forbid(monkeypatch, folder.parent)
    if how == "a file":
        folder.parent.write_text("in the way")
    monkeypatch.setenv("COURSE_DATA", str(folder))
    assert machine.check_machine()
    printed = capsys.readouterr().out
    assert "❌" not in printed and "note: recordings of real people are not on disk" in printed
    if how != "impossible":
        assert "you may not write into" in printed and "COURSE_DATA" in printed


def forbid(monkeypatch, folder) -> None:
    """Let a folder be one that nobody may enter, as the system would say (root may everything)."""
    folder.mkdir()

    def refused(name):
        original = getattr(os, name)

        def call(path, *args, **kwargs):
            if isinstance(path, (str, os.PathLike)) and os.fspath(path).startswith(str(folder)):
                if name == "access":
                    return False
                if len(os.fspath(path)) > len(str(folder)):
                    raise PermissionError(13, "Permission denied", os.fspath(path))
            return original(path, *args, **kwargs)

        monkeypatch.setattr(os, name, call)

    for name in ("stat", "access", "mkdir"):
        refused(name)


def test_a_check_that_fails_in_an_unknown_way_is_a_line_as_well(monkeypatch, capsys):
    monkeypatch.setattr(machine, "LOCK", machine.ROOT / "no-such.lock")
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: 1 / 0)
    monkeypatch.setattr(machine, "has_corpus", lambda folder: False)
    assert machine.check_machine()
    printed = capsys.readouterr().out
    assert "note: numpy cannot be looked at" in printed and "division by zero" in printed
