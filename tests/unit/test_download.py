"""FSDD's download: whole or not at all, and what is said when it fails."""

import hashlib
import io
import subprocess
import tarfile

from course_utils.setup import download
from course_utils.setup.download import CorpusError

import pytest


@pytest.fixture
def small_archive(tmp_path, monkeypatch):
    """A sound archive laid out as FSDD's, whose hashes the module is told to expect."""
    return make_archive(tmp_path, monkeypatch, "fsdd-x/recordings/0_anna_0.wav")


def make_archive(tmp_path, monkeypatch, member):
    path = tmp_path / "archive.tar.gz"
    with tarfile.open(path, "w:gz") as tar:
        for name in (member, "fsdd-x/README.md"):
            info = tarfile.TarInfo(name)
            info.size = 4
            tar.addfile(info, io.BytesIO(b"abcd"))
    line = f"{hashlib.sha256(b'abcd').hexdigest()}  0_anna_0.wav\n"
    archive_hash = hashlib.sha256(path.read_bytes()).hexdigest()
    monkeypatch.setattr(download, "FSDD_ARCHIVE_SHA256", archive_hash)
    monkeypatch.setattr(download, "FSDD_CONTENT_SHA256", hashlib.sha256(line.encode()).hexdigest())
    monkeypatch.setenv("COURSE_DATA", str(tmp_path / "course-data"))
    monkeypatch.setenv("COURSE_FSDD_URL", path.as_uri())
    return path


def left_behind(tmp_path):
    return list((tmp_path / "course-data").iterdir())


def test_download_unpacks_whole_and_only_once(small_archive, tmp_path):
    folder = download.download_fsdd()
    assert [path.name for path in (folder / "recordings").iterdir()] == ["0_anna_0.wav"]
    assert left_behind(tmp_path) == [folder]
    small_archive.unlink()
    assert download.download_fsdd() == folder


def test_truncated_archive(small_archive, tmp_path):
    small_archive.write_bytes(small_archive.read_bytes()[:-20])
    with pytest.raises(CorpusError, match="damaged or cut short.*Nothing was kept"):
        download.download_fsdd()
    assert left_behind(tmp_path) == []


def test_truncated_archive_with_the_expected_hash(small_archive, tmp_path, monkeypatch):
    small_archive.write_bytes(small_archive.read_bytes()[:90])
    found = hashlib.sha256(small_archive.read_bytes()).hexdigest()
    monkeypatch.setattr(download, "FSDD_ARCHIVE_SHA256", found)
    with pytest.raises(CorpusError, match="not a sound archive"):
        download.download_fsdd()
    assert left_behind(tmp_path) == []


def test_wrong_content(small_archive, tmp_path, monkeypatch):
    monkeypatch.setattr(download, "FSDD_CONTENT_SHA256", "0" * 64)
    with pytest.raises(CorpusError, match="not those of v1.0.10"):
        download.download_fsdd()
    assert left_behind(tmp_path) == []


@pytest.mark.parametrize("member", ["../escaped.wav", "/absolute-escape.wav"])
def test_archive_that_leaves_its_folder(member, tmp_path, monkeypatch):
    make_archive(tmp_path, monkeypatch, member)
    with pytest.raises(CorpusError):
        download.download_fsdd()
    assert left_behind(tmp_path) == []
    assert not list(tmp_path.rglob("escaped.wav"))


def test_data_folder_that_cannot_be_written(small_archive, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("COURSE_DATA", str(tmp_path / "file" / "folder"))
    with pytest.raises(CorpusError, match="not writable.*Set COURSE_DATA"):
        download.download_fsdd()


def test_content_hash_is_that_of_sha256sum(tmp_path):
    for name in ("b.wav", "B.wav", "a_1.wav", "a.wav"):
        (tmp_path / name).write_text(name)
    command = "LC_ALL=C; export LC_ALL; sha256sum *.wav | sha256sum"
    printed = subprocess.run(command, shell=True, cwd=tmp_path, capture_output=True, text=True)
    assert download.content_hash(tmp_path) == printed.stdout.split()[0]
