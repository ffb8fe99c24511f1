"""Write a file whole, or not at all."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = ["WriteError", "written_whole"]


class WriteError(OSError):
    """A file cannot be written where it should be; the message says why and what to do."""


@contextmanager
def written_whole(path: str | os.PathLike) -> Iterator[Path]:
    """Give a path to write to; what is there at the end takes the place of `path`, in one step.

    When the block raises, nothing is left behind and an older file, or folder, stays as it was.

    Raises
    ------
    WriteError : the folder does not exist or may not be written to
    """
    path = Path(path)
    try:
        work = Path(tempfile.mkdtemp(prefix=".unfinished-", dir=path.parent))
    except OSError as error:
        raise WriteError(
            f"{path.name} cannot be written into {path.parent} ({error.strerror}): choose a "
            "folder that exists and that you may write to."
        ) from error
    try:
        yield work / path.name
        if path.is_dir() and (work / path.name).exists():
            os.replace(path, work / "old")  # a folder is not replaced in one step
        os.replace(work / path.name, path)
    finally:
        shutil.rmtree(work, ignore_errors=True)
