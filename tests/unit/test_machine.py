"""The check of the machine: what is missing is named, with what to do."""

import shutil
import types

from course_utils.setup import machine

import pytest


def test_each_check_names_the_remedy():
    assert machine.check_python((3, 12)).fine
    old = machine.check_python((3, 10))
    assert str(old).startswith("❌ Python 3.10  →  install Python 3.11 to 3.13")
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
    assert "❌ keras is not installed  →" in capsys.readouterr().out


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
    assert str(check).startswith("⚠️  5 MB free for data  →") and "100 MB" in str(check)
    monkeypatch.setattr(machine.os, "access", lambda folder, mode: False)
    check = machine.check_disk(tmp_path)
    assert not check.fine and not check.needed
    assert "read-only" in check.what and "COURSE_DATA" in check.remedy


def test_missing_recordings_are_no_reason_to_stop(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_DATA", str(tmp_path))
    check = machine.check_corpus()
    assert not check.fine and not check.needed and "synthetic voices" in check.remedy
    (tmp_path / "fsdd-1.0.10").mkdir()
    assert machine.check_corpus().fine
