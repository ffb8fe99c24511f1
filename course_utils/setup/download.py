"""Download the recordings of real people once, verify them, keep them whole or not at all."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import re
import shutil
import sys
import tarfile
import tempfile
import time
import urllib.request
import zlib
from collections.abc import Callable
from pathlib import Path

from course_utils.paths import download_folder

__all__ = ["HAVE_FILE", "CorpusError", "content_hash", "download_fsdd", "say"]

FSDD_URL = (
    "https://github.com/Jakobovski/free-spoken-digit-dataset/archive/refs/tags/v1.0.10.tar.gz"
)
FSDD_ARCHIVE_SHA256 = "feb479fad3a37883c3d21ed7f982281c2dd1c18d5aefd7e8a5d50f58023392aa"
FSDD_CONTENT_SHA256 = "1801eae019c063377d98f831d3f93574f259475df7332bb0e3d1b080fb5e6959"
CONNECT_SECONDS = 4  # how long a student without network waits for the answer
FORGET_SECONDS = 600  # and then not again, at each `load_digits()`
SILENT = ".no-answer.json"  # in the download folder: who did not answer
HAVE_FILE = "fsdd-1.0.10"


class CorpusError(RuntimeError):
    """A corpus cannot be had; the message says why and what to do."""


def say(text: str) -> None:
    """Print, whatever the console can show: what it cannot is replaced."""
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    print(text.encode(encoding, "replace").decode(encoding, "replace"))


def download_fsdd(again: bool = True) -> Path:
    """Return the folder of FSDD v1.0.10, downloading it when it is not there.

    The archive's hash and the hash of its recordings are checked; the folder appears in
    one step, whole, or not at all. `COURSE_FSDD_URL` names a mirror (http or file).
    With `again` false, a network that did not answer some minutes ago is not asked again.

    Raises
    ------
    CorpusError
        No network, a damaged archive, or a data folder that cannot be written.
    """
    try:
        folder = download_folder()
    except RuntimeError as error:  # no home folder, or nobody of the name in ~name
        raise CorpusError(
            f"FSDD cannot be stored: no home folder is known here ({error}). Set COURSE_DATA to a "
            "folder of yours, from / on."
        ) from error
    target = folder / HAVE_FILE
    if os.path.isdir(target):
        if os.access(target / "recordings", os.R_OK | os.X_OK):
            return target
        raise CorpusError(
            f"FSDD is in {target}, but this user may not read it. Make it readable, or set "
            "COURSE_DATA to a folder of yours."
        )
    remedy = (
        "Connect once and run load_digits('fsdd') or `make data`, or work offline with "
        "load_digits('embedded')."
    )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        work = Path(tempfile.mkdtemp(prefix="fsdd-", dir=folder))
    except OSError as error:
        raise CorpusError(
            f"FSDD cannot be stored: the data folder {folder} is not writable "
            f"({error.strerror}). Set COURSE_DATA to a folder of yours."
        ) from error
    url = os.environ.get("COURSE_FSDD_URL") or FSDD_URL
    try:
        if not again:
            _refuse_what_was_silent(folder / SILENT, url, remedy)
        archive = _fetch(url, work, remedy)
        unpacked = _unpack(archive, work / "unpacked")
        found = content_hash(unpacked / "recordings")
        if found != FSDD_CONTENT_SHA256:
            raise CorpusError(
                f"FSDD's recordings are not those of v1.0.10 (hash {found[:12]}…, expected "
                f"{FSDD_CONTENT_SHA256[:12]}…). Nothing was kept. {remedy}"
            )
        try:
            os.replace(unpacked, target)
        except OSError:
            if not target.is_dir():  # else another notebook was quicker, with the same files
                raise
    except _NoAnswer as error:
        _remember(folder / SILENT, url, str(error))
        raise CorpusError(str(error)) from error
    except OSError as error:
        full = error.errno in (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC))
        raise CorpusError(
            f"FSDD cannot be stored in {folder}: {error.strerror or error}. Nothing was kept. "
            + ("Free some space or set" if full else "Set")
            + " COURSE_DATA to another folder."
        ) from error
    finally:
        shutil.rmtree(work, ignore_errors=True)
    with contextlib.suppress(OSError):
        (folder / SILENT).unlink()
    return target


# ---------------------------------------------------------------- a network that never answers


class _NoAnswer(CorpusError):
    """Nobody answered: to ask again takes as long again."""


def _asked(url: str) -> str:
    """Return what was asked, and by which way: with another proxy it is worth another try."""
    way = sorted(urllib.request.getproxies().items())
    return hashlib.sha256(f"{url} {way}".encode()).hexdigest()


def _remember(file: Path, url: str, reason: str) -> None:
    with contextlib.suppress(OSError):
        file.write_text(json.dumps([_asked(url), time.time(), reason]), encoding="utf-8")


def _refuse_what_was_silent(file: Path, url: str, remedy: str) -> None:
    """Raise CorpusError if this address did not answer some minutes ago."""
    try:
        asked, when, reason = json.loads(file.read_text(encoding="utf-8"))
        seconds = time.time() - when
        silent = asked == _asked(url) and 0 <= seconds < FORGET_SECONDS
    except (OSError, ValueError, TypeError):
        return
    if silent:
        reason = str(reason).removesuffix(remedy).strip()
        raise CorpusError(
            f"{reason} (That was {max(1, round(seconds / 60))} min ago; load_digits() does not "
            f"ask again for {FORGET_SECONDS // 60} min, load_digits('fsdd') does.) {remedy}"
        )


# ---------------------------------------------------------------- the archive


def _fetch(url: str, folder: Path, remedy: str) -> Path:
    """Download `url` with a progress bar and check the archive's hash."""
    import pooch
    import requests

    shown = _without_password(url)
    if url.startswith("file://"):
        downloader = _copy_file
    elif url.startswith(("http://", "https://")):
        downloader = pooch.HTTPDownloader(progressbar=True, timeout=CONNECT_SECONDS)
    else:
        raise CorpusError(
            f"COURSE_FSDD_URL is {shown}, which is no address: it has to begin with https://, "
            f"http:// or file://. {remedy}"
        )
    began = time.monotonic()
    pooch.get_logger().setLevel("ERROR")
    try:
        path = pooch.retrieve(
            url,
            known_hash=FSDD_ARCHIVE_SHA256,
            fname="fsdd.tar.gz",
            path=folder,
            downloader=_checked(downloader, shown, remedy),
        )
    except requests.RequestException as error:
        slow = time.monotonic() - began > 1
        raise (_NoAnswer if slow else CorpusError)(
            f"FSDD is not on this machine and {network_reason(error, shown)}. {remedy}"
        ) from error
    except ValueError as error:
        raise CorpusError(
            f"The FSDD archive from {shown} is damaged or cut short: its SHA-256 is not the "
            f"expected {FSDD_ARCHIVE_SHA256[:12]}…. Nothing was kept. Try again. {remedy}"
        ) from error
    except OSError as error:
        if "certificate bundle" in str(error):  # of requests, which has no class for it
            raise CorpusError(
                "REQUESTS_CA_BUNDLE or CURL_CA_BUNDLE names a file of certificates that is not "
                f"there. Mend or unset it. {remedy}"
            ) from error
        raise
    return Path(path)


def _checked(fetch: Callable, shown: str, remedy: str) -> Callable:
    """Return a way to fetch a file that says when a web page came in its place."""

    def download(url: str, file: str, pooch: object) -> None:
        fetch(url, file, pooch)
        with open(file, "rb") as page:
            if page.read(500).lstrip()[:1] == b"<":
                raise CorpusError(
                    f"Instead of the FSDD archive {shown} sent a web page: does this network ask "
                    f"you to log in? Open any page in a browser, then try again. {remedy}"
                )

    return download


def _without_password(url: str) -> str:
    return re.sub(r"//[^/]*@", "//", url)


def network_reason(error: Exception, url: str) -> str:
    """Say in words, with a remedy, why a request failed."""
    import requests

    text = _without_password(str(error))
    response = getattr(error, "response", None)
    if response is not None:
        what = {404: "has no such file", 401: "asks for a password", 403: "refuses it"}
        what[407] = "lies behind a proxy that asks for a name and a password"
        said = what.get(response.status_code, "has trouble of its own: try again later")
        return f"{url} {said} (HTTP {response.status_code})"
    if "SOCKS" in text:
        return (
            "the environment names a SOCKS proxy, which needs another package: run "
            "`pip install pysocks`, or unset ALL_PROXY and HTTPS_PROXY"
        )
    if isinstance(error, requests.exceptions.ProxyError):
        asks = "asks for a name and a password" if "407" in text else "does not answer"
        return f"the proxy on the way to {url} {asks}: check HTTP_PROXY and HTTPS_PROXY"
    if isinstance(error, ValueError):  # an address that cannot be read: InvalidURL, InvalidProxyURL
        proxies = " or of a proxy (HTTP_PROXY, HTTPS_PROXY)" if urllib.request.getproxies() else ""
        return (
            f"the address {url}{proxies} cannot be read: in a password, write %40 for @ and %23 "
            "for #"
        )
    if isinstance(error, requests.exceptions.SSLError):
        return (
            f"the certificate of {url} is not trusted: is the clock right? Does a proxy open "
            "encrypted connections? Then REQUESTS_CA_BUNDLE has to name its certificate"
        )
    if re.search(r"name resolution|getaddrinfo|Name or service|nodename|NameResolution", text):
        return f"{url} did not answer: its name is not known here, as without a network"
    if isinstance(error, requests.exceptions.ChunkedEncodingError):
        return f"{url} broke off in the middle: try again"
    return f"{url} did not answer"


def _copy_file(url: str, output_file: str, _pooch: object) -> None:
    path = urllib.request.url2pathname(url.removeprefix("file://"))
    try:
        with open(path, "rb") as source, open(output_file, "wb") as target:
            shutil.copyfileobj(source, target)
    except OSError as error:
        if error.filename != path:  # the disk is full
            raise
        reason = "it does not exist" if isinstance(error, FileNotFoundError) else error.strerror
        raise CorpusError(
            f"FSDD is not on this machine and {url} cannot be read: {reason}. Correct "
            "COURSE_FSDD_URL, or work offline with load_digits('embedded')."
        ) from error


def _unpack(archive: Path, folder: Path) -> Path:
    """Unpack a .tar.gz that holds one folder; refuse one that would leave `folder`."""
    try:
        with tarfile.open(archive) as tar:
            tar.extractall(folder, filter="data")
        (root,) = folder.iterdir()
    except (tarfile.TarError, EOFError, ValueError, zlib.error) as error:
        raise CorpusError(
            f"{archive.name} is not a sound archive ({error}). Nothing was kept. Try again."
        ) from error
    return root


def content_hash(folder: Path) -> str:
    """Hash of ``sha256sum *.wav`` over the names in C order: the content, however packed."""
    lines = (
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n"
        for path in sorted(folder.glob("*.wav"), key=lambda path: path.name.encode())
    )
    return hashlib.sha256("".join(lines).encode()).hexdigest()


if __name__ == "__main__":  # `make data`
    print(f"FSDD is in {download_fsdd()}")
