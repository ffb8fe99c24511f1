"""Download the recordings of real people once, verify them, keep them whole or not at all."""

from __future__ import annotations

import hashlib
import os
import shutil
import tarfile
import tempfile
import zlib
from pathlib import Path

from course_utils.paths import download_folder

__all__ = ["CorpusError", "content_hash", "download_fsdd"]

FSDD_URL = (
    "https://github.com/Jakobovski/free-spoken-digit-dataset/archive/refs/tags/v1.0.10.tar.gz"
)
FSDD_ARCHIVE_SHA256 = "feb479fad3a37883c3d21ed7f982281c2dd1c18d5aefd7e8a5d50f58023392aa"
FSDD_CONTENT_SHA256 = "1801eae019c063377d98f831d3f93574f259475df7332bb0e3d1b080fb5e6959"
CONNECT_SECONDS = 4  # how long a student without network waits for the answer


class CorpusError(RuntimeError):
    """A corpus cannot be had; the message says why and what to do."""


def download_fsdd() -> Path:
    """Return the folder of FSDD v1.0.10, downloading it when it is not there.

    The archive's hash and the hash of its recordings are checked; the folder appears in
    one step, whole, or not at all. `COURSE_FSDD_URL` names a mirror (http or file).

    Raises
    ------
    CorpusError
        No network, a damaged archive, or a data folder that cannot be written.
    """
    folder = download_folder()
    target = folder / "fsdd-1.0.10"
    if target.is_dir():
        return target
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
    try:
        archive = _fetch(os.environ.get("COURSE_FSDD_URL") or FSDD_URL, work, remedy)
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
    except OSError as error:
        raise CorpusError(
            f"FSDD cannot be stored in {folder}: {error.strerror or error}. Nothing was kept. "
            "Free some space or set COURSE_DATA to another folder."
        ) from error
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return target


def _fetch(url: str, folder: Path, remedy: str) -> Path:
    """Download `url` with a progress bar and check the archive's hash."""
    import pooch
    import requests

    if url.startswith("file://"):
        downloader = _copy_file
    else:
        downloader = pooch.HTTPDownloader(progressbar=True, timeout=CONNECT_SECONDS)
    pooch.get_logger().setLevel("ERROR")
    try:
        path = pooch.retrieve(
            url,
            known_hash=FSDD_ARCHIVE_SHA256,
            fname="fsdd.tar.gz",
            path=folder,
            downloader=downloader,
        )
    except ValueError as error:
        raise CorpusError(
            f"The FSDD archive from {url} is damaged or cut short: its SHA-256 is not the "
            f"expected {FSDD_ARCHIVE_SHA256[:12]}…. Nothing was kept. Try again. {remedy}"
        ) from error
    except (requests.RequestException, FileNotFoundError) as error:
        reason = "does not exist" if isinstance(error, FileNotFoundError) else "did not answer"
        raise CorpusError(f"FSDD is not on this machine and {url} {reason}. {remedy}") from error
    return Path(path)


def _copy_file(url: str, output_file: str, _pooch: object) -> None:
    from urllib.request import url2pathname

    shutil.copyfile(url2pathname(url.removeprefix("file://")), output_file)


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
