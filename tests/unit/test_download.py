"""FSDD's download: whole or not at all, and what is said when it fails."""

import hashlib
import http.server
import io
import json
import os
import subprocess
import tarfile
import threading

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


# ---------------------------------------------------------------- what went wrong, truly


class Odd(http.server.BaseHTTPRequestHandler):
    """A server that answers with what its path says."""

    def do_GET(self):
        page = b"<html>log in, please</html>" if "page" in self.path else b"gone"
        self.send_response(200 if "page" in self.path else int(self.path.strip("/")))
        self.send_header("Content-Length", str(len(page)))
        self.end_headers()
        self.wfile.write(page)

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def odd_server():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Odd)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def nothing_yet(tmp_path, monkeypatch):
    """No recordings, and no settings of a network."""
    for name in [name for name in os.environ if name.lower().endswith("_proxy")]:
        monkeypatch.delenv(name)
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COURSE_DATA", str(tmp_path / "course-data"))
    return monkeypatch


@pytest.mark.parametrize(
    ("url", "variables", "reason"),
    [
        ("SERVER/404", {}, r"has no such file \(HTTP 404\)"),
        ("SERVER/407", {}, "asks for a name and a password"),
        ("SERVER/503", {}, "try again later"),
        ("SERVER/page", {}, "sent a web page: does this network ask you to log in"),
        ("mirror.example/fsdd.tar.gz", {}, "no address: it has to begin with https://"),
        ("file:///no/such/file", {}, "cannot be read: it does not exist"),
        ("file:///", {}, "cannot be read: Is a directory|cannot be read: Permission"),
        ("http://a.invalid/f", {}, "did not answer: its name is not known here"),
        ("http://a.invalid/f", {"http_proxy": "socks5://127.0.0.1:9"}, "pip install pysocks"),
        ("http://a.invalid/f", {"http_proxy": "http://127.0.0.1:9"}, "proxy on the way to"),
        ("http://a.invalid/f", {"http_proxy": "http://me:p#q@127.0.0.1:9"}, "%40 for @ and %23"),
        ("https://a.invalid/f", {"REQUESTS_CA_BUNDLE": "/no/such.pem"}, "certificates that is not"),
    ],
)
def test_the_reason_is_the_true_one(url, variables, reason, nothing_yet, odd_server, tmp_path):
    nothing_yet.setenv("COURSE_FSDD_URL", url.replace("SERVER", odd_server))
    for name, value in variables.items():
        nothing_yet.setenv(name, value)
    with pytest.raises(CorpusError, match=reason) as raised:
        download.download_fsdd()
    for wrong in ("damaged", "Free some space", "p#q"):
        assert wrong not in str(raised.value)
    assert "load_digits('embedded')" in str(raised.value), "and how to go on"
    assert left_behind(tmp_path) == []


def test_a_password_in_the_address_is_not_shown(nothing_yet, odd_server):
    nothing_yet.setenv("COURSE_FSDD_URL", odd_server.replace("//", "//me:secret@") + "/404")
    with pytest.raises(CorpusError, match="has no such file") as raised:
        download.download_fsdd()
    assert "secret" not in str(raised.value)


def test_recordings_that_may_not_be_read_are_told(nothing_yet, tmp_path):
    (tmp_path / "course-data/fsdd-1.0.10/recordings").mkdir(parents=True)
    nothing_yet.setattr(download.os, "access", lambda path, mode: False)
    with pytest.raises(CorpusError, match="may not read it. Make it readable"):
        download.download_fsdd()


def test_no_home_folder_is_told(nothing_yet):
    nothing_yet.setenv("COURSE_DATA", "~nobody-of-this-name/data")
    with pytest.raises(CorpusError, match="no home folder is known.*Set COURSE_DATA"):
        download.download_fsdd()


@pytest.mark.parametrize("folder", ["x" * 300, "file/folder"])
def test_a_data_folder_that_cannot_be_is_told(folder, nothing_yet, tmp_path):
    (tmp_path / "file").write_text("in the way")
    nothing_yet.setenv("COURSE_DATA", str(tmp_path / folder))
    with pytest.raises(CorpusError, match="not writable.*Set COURSE_DATA"):
        download.download_fsdd()


# ---------------------------------------------------------------- a network that never answers


@pytest.fixture
def silent(nothing_yet, tmp_path):
    """A server that takes every call and never says a word; count the calls."""
    import socket

    calls = []
    server = socket.create_server(("127.0.0.1", 0))

    def listen():
        while True:
            try:
                calls.append(server.accept()[0])
            except OSError:
                return

    threading.Thread(target=listen, daemon=True).start()
    nothing_yet.setenv("COURSE_FSDD_URL", f"http://127.0.0.1:{server.getsockname()[1]}/f")
    nothing_yet.setattr(download, "CONNECT_SECONDS", 1.2)
    yield calls
    server.close()


def test_a_network_that_never_answers_is_remembered_for_a_while(silent, nothing_yet, tmp_path):
    with pytest.raises(CorpusError, match="did not answer"):
        download.download_fsdd(again=False)
    with pytest.raises(CorpusError, match="1 min ago.*load_digits.'fsdd'. does") as raised:
        download.download_fsdd(again=False)
    assert len(silent) == 1
    assert str(raised.value).count("Connect once") == 1
    with pytest.raises(CorpusError, match="did not answer"):
        download.download_fsdd()
    assert len(silent) == 2, "who asks for it gets another try"
    file = tmp_path / "course-data" / download.SILENT
    asked, when, reason = json.loads(file.read_text())
    file.write_text(json.dumps([asked, when - download.FORGET_SECONDS, reason]))
    with pytest.raises(CorpusError):
        download.download_fsdd(again=False)
    assert len(silent) == 3, "it is forgotten after a while"
    nothing_yet.setenv("http_proxy", "http://127.0.0.1:9")
    with pytest.raises(CorpusError, match="proxy"):
        download.download_fsdd(again=False)
    for damage in ("", "{}", '["x"]', "[1, 2, 3]", '[null, "x", 1]'):
        file.write_text(damage)
        with pytest.raises(CorpusError, match="proxy"):
            download.download_fsdd(again=False)


def test_a_success_forgets_that_nobody_answered(silent, nothing_yet, tmp_path):
    with pytest.raises(CorpusError):
        download.download_fsdd()
    assert [path.name for path in left_behind(tmp_path)] == [download.SILENT]
    make_archive(tmp_path, nothing_yet, "fsdd-x/recordings/0_anna_0.wav")
    assert left_behind(tmp_path) == [tmp_path / "course-data" / download.SILENT]
    assert [path.name for path in (download.download_fsdd(again=False)).parent.iterdir()] == [
        "fsdd-1.0.10"
    ]
