"""What runs inside the kernel that grades an assignment (see INSTRUCTORS.md).

Standard library only: the hidden tests import it, and so does a kernel before its first cell.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

__all__ = ["LONGEST_PART", "Marks", "install_audit_hook"]

LARGEST_MEMORY = 6e9  # bytes
LARGEST_FILE = 200_000_000  # bytes
LONGEST_PART = 10  # seconds of processor time; every part of every task takes well under one


class Marks:
    """Points of one task, earned part by part; what one part loses, the others keep.

    The last line of a hidden test is ``marks.total``: nbgrader takes that number. What is
    printed is what the student reads in the feedback, so it says what was tried.

    Examples
    --------
    >>> marks = Marks()
    >>> with marks.part(1.5, "a sine of full scale"):
    ...     assert True, "Which amplitude has a sine of full scale?"
    ✅ 1.5 of 1.5: a sine of full scale
    >>> marks.total
    1.5
    """

    def __init__(self) -> None:
        self.total = 0.0
        self._stuck = False

    @contextmanager
    def part(self, points: float, what: str) -> Iterator[None]:
        """Award `points` if the block raises nothing and takes no more than `LONGEST_PART`."""
        reason = "not tried, because the part before took too long" if self._stuck else ""
        try:
            with _time_limit(0.01 if self._stuck else LONGEST_PART):
                yield
        except TimeoutError:
            self._stuck = True
            reason = reason or f"it ran for more than {LONGEST_PART} s: does the loop end?"
        except NotImplementedError:
            reason = "not answered"
        except AssertionError as error:
            reason = str(error) or "the result is not what was expected"
        except (Exception, SystemExit) as error:  # an answer may raise anything
            reason = f"{type(error).__name__}: {error}"
        if reason:
            print(f"❌ 0 of {points:g}: {what}. {reason}")
        else:
            self.total = round(self.total + float(points), 4)
            print(f"✅ {points:g} of {points:g}: {what}")


@contextmanager
def _time_limit(seconds: float) -> Iterator[None]:
    """Raise `TimeoutError` in the block after `seconds` of processor time (not on Windows).

    Processor time, so that a busy machine takes no points; what sleeps for ever meets the
    time limit of the cell.
    """

    def stop(_signal, _frame):
        raise TimeoutError

    can = hasattr(signal, "setitimer") and threading.current_thread() is threading.main_thread()
    previous = signal.signal(signal.SIGPROF, stop) if can else None
    if can:
        signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        if can:
            signal.setitimer(signal.ITIMER_PROF, 0)
            signal.signal(signal.SIGPROF, previous)


REFUSED = (  # audit events of Python that no answer needs
    "os.system", "os.exec", "os.posix_spawn", "os.fork", "os.forkpty", "os.kill", "os.killpg",
    "os.chdir", "pty.spawn", "subprocess.Popen", "signal.pthread_kill", "sqlite3.connect",
)  # fmt: skip
ON_FILES = (
    "open", "os.remove", "os.rename", "os.link", "os.symlink", "os.truncate", "os.rmdir",
    "os.listdir", "os.scandir", "os.chmod", "os.chown", "shutil.rmtree",
)  # fmt: skip


def install_audit_hook(folders: Sequence[str]) -> None:
    """Refuse what a submission needs to look up or alter the answers; cannot be undone.

    From now on this process opens no notebook and no database, nothing in `folders`, starts
    no other program and reaches no other machine. It stops who looks for the answers in
    Python. It does not stop C code called through ``ctypes``: INSTRUCTORS.md says what does.
    """
    _limit_memory()
    closed = tuple(os.path.realpath(folder) for folder in folders)
    realpath, fspath, separator = os.path.realpath, os.fspath, os.sep

    def refuse(event: str, arguments: tuple) -> None:
        if event in REFUSED:
            raise PermissionError(f"a graded answer may not use {event}")
        if event == "socket.connect" and isinstance(arguments[1], tuple):
            if not str(arguments[1][0]).startswith(("127.", "::1", "localhost")):
                raise PermissionError("a graded answer may not use the network")
        if event in ON_FILES:
            for argument in arguments[:2]:
                if not isinstance(argument, (str, bytes, os.PathLike)):
                    continue
                path = realpath(os.fsdecode(fspath(argument)))
                inside = any(path == top or path.startswith(top + separator) for top in closed)
                if inside or path.endswith((".ipynb", ".db")):
                    raise PermissionError("a graded answer may not look at the files of grading")

    sys.addaudithook(refuse)


def _limit_memory() -> None:
    """Let a runaway answer get a `MemoryError`, not the machine into trouble (POSIX only)."""
    try:
        import resource
    except ImportError:
        return
    physical = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    most = int(min(LARGEST_MEMORY, physical / 2))
    resource.setrlimit(resource.RLIMIT_DATA, (most, most))
    resource.setrlimit(resource.RLIMIT_FSIZE, (LARGEST_FILE, LARGEST_FILE))
