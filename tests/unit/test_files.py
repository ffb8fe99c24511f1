"""A file is written whole, or not at all."""

import os
import tempfile

from course_utils.files import WriteError, written_whole

import pytest


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_new_file_appears_whole(tmp_path):
    path = tmp_path / "new.txt"
    with written_whole(path) as unfinished:
        unfinished.write_text("whole")
        assert unfinished.name == "new.txt", "the ending may choose the format"
        assert not path.exists(), "it appears when the block is done"
    assert path.read_text() == "whole" and names(tmp_path) == ["new.txt"]


def test_an_older_file_is_replaced(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("old")
    with written_whole(str(path)) as unfinished:
        unfinished.write_text("new")
        assert path.read_text() == "old"
    assert path.read_text() == "new" and names(tmp_path) == ["a.txt"]


@pytest.mark.parametrize("problem", [OSError("No space left on device"), KeyboardInterrupt()])
def test_a_crash_leaves_the_older_file_and_nothing_else(tmp_path, problem):
    path = tmp_path / "a.txt"
    path.write_text("old")
    with pytest.raises(type(problem)):
        with written_whole(path) as unfinished:
            unfinished.write_text("half")
            raise problem
    assert path.read_text() == "old" and names(tmp_path) == ["a.txt"]
    with pytest.raises(type(problem)):
        with written_whole(tmp_path / "b.txt") as unfinished:
            raise problem
    assert names(tmp_path) == ["a.txt"]


def old_folder(tmp_path):
    folder = tmp_path / "model"
    folder.mkdir()
    (folder / "old").write_text("old")
    return folder


def test_a_folder_takes_the_place_of_a_folder(tmp_path):
    folder = old_folder(tmp_path)
    with written_whole(folder) as unfinished:
        unfinished.mkdir()
        (unfinished / "new").write_text("new")
        assert names(folder) == ["old"]
    assert names(folder) == ["new"] and names(tmp_path) == ["model"]


def test_a_crash_leaves_the_older_folder(tmp_path):
    folder = old_folder(tmp_path)
    with pytest.raises(ValueError, match="no"):
        with written_whole(folder) as unfinished:
            unfinished.mkdir()
            raise ValueError("no")
    assert names(folder) == ["old"] and names(tmp_path) == ["model"]


@pytest.mark.parametrize("kind", ["file", "folder"])
def test_a_block_that_writes_nothing_leaves_what_was_there(tmp_path, kind):
    path = old_folder(tmp_path) if kind == "folder" else tmp_path / "a.txt"
    if kind == "file":
        path.write_text("old")
    with pytest.raises(FileNotFoundError):
        with written_whole(path):
            pass
    assert (path / "old" if kind == "folder" else path).read_text() == "old"
    assert names(tmp_path) == [path.name]


def test_a_folder_that_is_not_there_is_named(tmp_path):
    with pytest.raises(WriteError, match="a.txt cannot be written into .*missing.*choose a folder"):
        with written_whole(tmp_path / "missing" / "a.txt"):
            raise AssertionError("the block must not start")
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(WriteError, match="choose a folder"):
        with written_whole(tmp_path / "file" / "a.txt"):
            raise AssertionError("the block must not start")
    assert names(tmp_path) == ["file"] and issubclass(WriteError, OSError)


def test_a_folder_without_permission_is_named(tmp_path, monkeypatch):
    def refuse(**_):
        raise PermissionError(13, "Permission denied")

    path = tmp_path / "locked" / "a.txt"
    path.parent.mkdir()
    path.parent.chmod(0o500)
    if os.access(path.parent, os.W_OK):  # nothing is forbidden to root
        monkeypatch.setattr(tempfile, "mkdtemp", refuse)
    with pytest.raises(WriteError, match=r"locked \(Permission denied\).*you may write to"):
        with written_whole(path):
            raise AssertionError("the block must not start")
    path.parent.chmod(0o700)
    assert names(path.parent) == []
