"""Check the machine and say what to do where something is missing (chapter 00)."""

from __future__ import annotations

import functools
import importlib.metadata
import os
import shutil
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

from course_utils.paths import ROOT, download_folder
from course_utils.setup.download import HAVE_FILE, say

__all__ = ["Check", "check_machine"]

LOCK = ROOT / "requirements.lock"
PYTHONS = ((3, 11), (3, 13))
PACKAGES = ("jupyterlab", "ipywidgets", "anywidget", "numpy", "scipy", "matplotlib", "librosa")
INSTALL = "close JupyterLab and run `make lab` again"


class Check(NamedTuple):
    """One line of the report: what was looked at, whether it is fine, what to do if not."""

    what: str
    fine: bool
    remedy: str = ""
    needed: bool = True

    def __str__(self) -> str:
        # A word beside each sign: without a font for it, all signs are the same box
        mark = "✅ ok" if self.fine else "❌ missing" if self.needed else "⚠️ note"
        return f"{mark}: {self.what}" + ("" if self.fine else f"  →  {self.remedy}")


def check_python(version: tuple[int, ...] = sys.version_info[:2]) -> Check:
    """Check that the kernel runs one of the Python versions that the course is tested with."""
    low, high = (".".join(map(str, end)) for end in PYTHONS)
    fine = PYTHONS[0] <= tuple(version[:2]) <= PYTHONS[1]
    remedy = f"install Python {low} to {high}, then {INSTALL}"
    return Check(f"Python {version[0]}.{version[1]}", fine, remedy)


def check_package(name: str, installed: str | None, expected: str) -> Check:
    """Check an installed version (None: not installed) against the one the course names."""
    if installed is None:
        return Check(f"{name} is not installed", False, INSTALL)
    if installed != expected:
        what = f"{name} {installed}, the course is tested with {expected}"
        return Check(what, False, f"it may work; for the same results {INSTALL}", needed=False)
    return Check(f"{name} {installed}", True)


def locked_versions(names: Iterable[str]) -> dict[str, str]:
    """Return the version of each package in requirements.lock."""
    lines = LOCK.read_text().splitlines()
    pins = dict(line.split(" ")[0].split("==") for line in lines if line[:1].isalnum())
    return {name: pins[name] for name in names}


def check_disk(folder: Path, needed_megabytes: int = 100) -> Check:
    """Check that a download of the corpus would fit, if it is still to come."""
    if has_corpus(folder):
        return Check(f"data folder {folder}: nothing more has to fit into it", True)
    wanted = folder
    while not os.path.exists(folder):  # also where nobody may look
        folder = folder.parent
    megabytes = shutil.disk_usage(folder).free // 1_000_000
    if not os.access(folder, os.W_OK | os.X_OK):
        remedy = "set the environment variable COURSE_DATA to a folder of yours"
        what = f"data folder {wanted}: you may not write into {folder}"
        return Check(what, False, remedy, needed=False)
    remedy = f"free some space, or set COURSE_DATA to a folder with {needed_megabytes} MB"
    return Check(f"{megabytes:,} MB free for data", megabytes >= needed_megabytes, remedy, False)


def has_corpus(folder: Path) -> bool:
    """Tell whether the recordings of real people are in a data folder, and may be read."""
    return os.access(folder / HAVE_FILE / "recordings", os.R_OK | os.X_OK)


def check_corpus() -> Check:
    """Check that the recordings of real people are on this machine."""
    fine = has_corpus(download_folder())
    remedy = "load_digits() will fetch them once (16 MB); offline it takes synthetic voices"
    return Check(
        "recordings of real people" + (" on disk" if fine else " are not on disk yet"),
        fine,
        remedy,
        needed=False,
    )


def check_folder(folder: Path) -> Check:
    """Check that what a student changes in this folder can be saved."""
    remedy = (
        "what you change cannot be saved: copy the chapters into a folder of yours, open them there"
    )
    writable = os.access(folder, os.W_OK)
    what = "this folder can be written" if writable else f"the folder {folder} is read-only"
    return Check(what, writable, remedy, needed=False)


def check_graphics_card() -> Check:
    """Say whether TensorFlow may use a graphics card, without importing it (that takes seconds).

    It does so if its build can, if there is a card, and if nobody turned it off (README.md).
    """
    processor = "TensorFlow computes on the processor"
    if _installed("tensorflow") is None:
        return Check(f"{processor}: its build here uses no graphics card", True)
    if os.environ.get("CUDA_VISIBLE_DEVICES", "0") in ("", "-1"):
        return Check(f"{processor}: CUDA_VISIBLE_DEVICES turns graphics cards off", True)
    nvidia = Path("/proc/driver/nvidia/version").exists() or shutil.which("nvidia-smi")
    if not nvidia and _installed("tensorflow-metal") is None:
        return Check(f"{processor}: there is no graphics card that it could use", True)
    off = "CUDA_VISIBLE_DEVICES=-1 turns it off" if nvidia else "tensorflow-metal is installed"
    return Check(f"TensorFlow may use the graphics card ({off})", True)


def check_machine() -> bool:
    """Print a line for everything the course needs; return whether the course can run."""
    tensorflow = next(
        (name for name in ("tensorflow-cpu", "tensorflow") if _installed(name)), "tensorflow"
    )
    names = (*PACKAGES, "keras", tensorflow)
    checks = [check_python()]
    checks += [looked(name, functools.partial(_check_installed, name)) for name in names]
    checks += [
        looked("the graphics card", check_graphics_card),
        looked("this folder", lambda: check_folder(Path.cwd())),
        looked("the data folder", lambda: check_disk(download_folder())),
        looked("the recordings", check_corpus),
    ]
    for check in checks:
        say(str(check))
    return all(check.fine or not check.needed for check in checks)


def looked(what: str, check: Callable[[], Check]) -> Check:
    """Return what a check found, or that it could not look: the report always appears, whole."""
    try:
        return check()
    except Exception as error:
        reason = str(error) or type(error).__name__
        if isinstance(error, FileNotFoundError) and what == "this folder":
            remedy = "it was removed, or renamed: open the chapter again from where it is now"
        elif isinstance(error, RuntimeError) and "home" in reason.lower():
            remedy = "set the environment variable COURSE_DATA to a folder of yours, from / on"
        else:
            remedy = "it may work all the same; if not, " + INSTALL
        return Check(f"{what} cannot be looked at ({reason})", False, remedy, needed=False)


def _check_installed(name: str) -> Check:
    return check_package(name, _installed(name), locked_versions([name])[name])


def _installed(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except Exception:  # not there, or what is written there about it is damaged
        return None
