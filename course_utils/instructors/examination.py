"""What hidden tests are written with (INSTRUCTORS.md). Standard library only.

A test runs apart from the answers: what it calls is a proxy (`proxies`). In a notebook of your
own, where tests and answers are together, everything here works as well.
"""

import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

__all__ = [
    "Marks", "TookTooLong", "measure_with", "seconds_left", "seconds_used", "undisturbed",
    "watched",
]  # fmt: skip

LONGEST_PART = 10  # seconds of processor time; every part of every task takes well under one

_clock: Callable[[], float] = time.process_time
_part_ends = float("inf")
_undisturbed = _late = False


class TookTooLong(Exception):
    """An answer ran for longer than it may."""


def seconds_used() -> float:
    """Return the processor time that the answers have taken so far.

    A test that limits the time takes the difference of two values; the time by the clock would
    depend on what else runs on the machine.
    """
    return _clock()


def seconds_left() -> float:
    """Return how much processor time the answers have in the part that runs."""
    return _part_ends - _clock()


def measure_with(clock: Callable[[], float]) -> None:
    """Let `seconds_used` ask this clock (the examiner sets that of the answers' process)."""
    global _clock
    _clock = clock


@contextmanager
def undisturbed(quiet: bool = True) -> Iterator[None]:
    """Let the end of a part's time wait until the block ends, as half a message is of no use.

    With `quiet` false inside such a block, it need not wait.
    """
    global _undisturbed, _late
    before, _undisturbed = _undisturbed, quiet
    try:
        yield
    finally:
        _undisturbed = before
        if _late and not before:
            _late = False
            raise TookTooLong


def watched(function: Callable) -> Callable:
    """Return a function of the student's whose changes of its arguments the test sees.

    Otherwise an answer gets copies, so that it cannot alter what it is compared with. So call a
    function like this only where the changes are what is tested.
    """
    watch = getattr(function, "_watched", None)  # a proxy has it
    return watch() if watch else function


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
        except TookTooLong:
            self._stuck = True
            reason = reason or f"it ran for more than {LONGEST_PART} s: does the loop end?"
        except NotImplementedError:
            reason = "not answered"
        except AssertionError as error:
            reason = str(error) or "the result is not what was expected"
        except (Exception, SystemExit) as error:  # an answer may raise anything
            reason = f"{type(error).__name__}: {error}"
            reason = str(error) if type(error).__name__ == "AnswerError" else reason
        if reason:
            print(f"❌ 0 of {points:g}: {what}. {_line(reason)}")
        else:
            self.total = round(self.total + float(points), 4)
            print(f"✅ {points:g} of {points:g}: {what}")


def _line(text: str) -> str:
    """Return a text as one line that is not too long, without signs that cannot be shown."""
    shown = "".join(sign if sign.isprintable() else " " for sign in text[:2000])
    shown = " ".join(shown.split())
    return shown if len(shown) < 600 else f"{shown[:599]}…"


@contextmanager
def _time_limit(seconds: float) -> Iterator[None]:
    """Raise `TookTooLong` in the block after `seconds` of processor time (not on Windows).

    Processor time, so that a busy machine takes no points; what sleeps for ever meets the
    time limit of the call.
    """
    global _part_ends, _late

    def stop(_signal, _frame):
        global _late
        if not _undisturbed:
            raise TookTooLong
        _late = True

    can = hasattr(signal, "setitimer") and threading.current_thread() is threading.main_thread()
    previous = signal.signal(signal.SIGPROF, stop) if can else None
    if can:
        signal.setitimer(signal.ITIMER_PROF, seconds)
    _part_ends, _late = _clock() + seconds, False
    try:
        yield
    finally:
        _part_ends = float("inf")
        if can:
            signal.setitimer(signal.ITIMER_PROF, 0)
            signal.signal(signal.SIGPROF, previous)
