"""The tests' side of the border: a student's notebook that runs elsewhere, and proxies for it.

A hidden test calls `level(samples)`. What it calls is a proxy: the arguments are copied to the
process of the answers, the function runs there, and its value comes back as plain data (`wire`).
What the function does to its arguments it does to copies, unless the test asks to see it
(`examination.watched`); a function that the test passes along is called back here. A value that
is no plain data stays where it is; the test holds a `Remote`, can pass it on and use its methods,
and anything else it does with it says what the answer should have returned.
"""

import contextlib
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from course_utils.instructors.examination import TookTooLong, seconds_left, undisturbed
from course_utils.instructors.sandbox import Gone, Limits, Process
from course_utils.instructors.wire import Channel, NotPlain, WireError, short, update

__all__ = ["AnswerError", "Answers", "Remote"]

STARTING_SECONDS = 60
GRACE = 2  # seconds that the process has to stop what runs, before it is ended
PLAIN = "return numbers, text, lists, tuples, dicts or NumPy arrays"
TOO_LONG = "stopped, because it ran too long: does a loop never end?"
REASONS = {
    "time": TOO_LONG,
    "memory": "stopped, because it used up the memory that an answer may have",
    "processes": "stopped, because it started other processes",
    "files": "stopped, because it wrote more than an answer may",
    "nonsense": "stopped, because it disturbed the program that runs it",
    "ended": "Python ended: does the answer end it, or crash it?",
}
NO_TIME = "not run, because the time for the whole notebook was used up before"
# What an answer may raise here: not what steers Python, as StopIteration would end a test's loop
RAISED = {
    kind.__name__: kind
    for kind in (
        ArithmeticError, AssertionError, AttributeError, EOFError, FloatingPointError, ImportError,
        IndexError, KeyError, LookupError, MemoryError, NameError, NotImplementedError, OSError,
        OverflowError, RecursionError, RuntimeError, TypeError, UnicodeError, ValueError,
        ZeroDivisionError,
    )
}  # fmt: skip


class AnswerError(RuntimeError):
    """The answers' process could not do what a test asked for; the message is for the student."""


class Answers:
    """A student's notebook, in a process of its own that is made again when it is lost.

    Parameters
    ----------
    kind : of the sandbox, from `sandbox.choose`
    limits, slower : how much it may take, and how many times slower this machine is now
    closed : folders that it may not look into where there is no sandbox
    """

    def __init__(self, kind: str, limits: Limits, slower: float, closed: list[Path]):
        self.kind, self.limits, self.slower, self.closed = kind, limits, slower, closed
        self.ends = time.monotonic() + slower * limits.submission_seconds
        self.processes = 0  # that were started
        self._process: Process | None = None
        self._done: list[str] = []  # cells that a new process has to run again
        self._stopped = False  # something was, so that there is less patience
        self._broken = ""  # why the test that runs asks in vain
        self.trouble = ""  # what went wrong in the test that runs, apart from wrong answers
        self._callbacks: list[Callable] = []
        self._used = 0.0  # processor time of processes that are gone

    # -- cells

    def run(self, source: str, given: bool = False, again: bool = True) -> tuple[list[dict], str]:
        """Run a cell: what it showed, and why it was stopped, if it was.

        `again` says whether a new process has to run it too: it may define something.
        """
        if self.left() <= 0:
            return [], NO_TIME
        try:
            self._ensure()
            outputs, stopped = self._run(source, given)
        except Gone as error:
            self._lose(error)
            return [], REASONS[error.reason]
        if stopped:
            self._stopped = True
            return outputs, TOO_LONG
        if again:
            self._done.append(source)
        return outputs, ""

    def _run(self, source: str, given: bool) -> tuple[list[dict], bool]:
        seconds = self.limits.given_seconds if given else self._patience()
        reply = self._ask(seconds, op="run", source=source)
        if reply.get("op") != "ran" or not isinstance(reply.get("outputs"), list):
            raise Gone("nonsense")
        return reply["outputs"], reply.get("stopped") is True

    def _patience(self) -> float:
        """Return how long a student's cell or function may run, by the clock."""
        return self.limits.again_seconds if self._stopped else self.limits.cell_seconds

    def left(self) -> float:
        """Return how many seconds are left for the whole notebook."""
        return self.ends - time.monotonic()

    # -- calls

    def begin_test(self) -> None:
        """Forget what went wrong in the test before."""
        self._broken, self._callbacks, self.trouble = "", [], ""

    def seconds_used(self) -> float:
        """Return the processor time of the answers so far."""
        return self._used + (self._process.processor_seconds() if self._process else 0.0)

    def call(self, remote: "Remote", args: tuple, kwargs: dict) -> object:
        """Call a function of the student's, in their process."""
        processor = seconds_left()
        if processor < 0.02:  # nothing more is asked in a part that has taken too long
            raise TookTooLong
        return self._answer(
            remote,
            (args, kwargs),
            op="call",
            args=args,
            kwargs=kwargs,
            watched=remote._is_watched,
            processor_seconds=min(processor, 1e6),
        )

    def get(self, remote: "Remote") -> object:
        """Return a variable, or an attribute of an object, of the student's."""
        return self._answer(remote, None, op="get")

    def copy(self, remote: "Remote") -> object:
        """Return a deep copy of an object that stays in the student's process."""
        return self._answer(remote, None, op="copy")

    def _answer(self, remote: "Remote", arguments: tuple | None, **message: Any) -> Any:
        if self._broken or self.left() <= 0:
            raise AnswerError(self._broken or NO_TIME)
        try:
            if isinstance(remote._root, str):
                self._ensure()
            elif remote._process is not self._process:
                raise AnswerError("an object of the answer is lost, because its process ended")
            with undisturbed():
                reply = self._ask(
                    self._patience(),
                    arguments,
                    root=remote._root,
                    attributes=list(remote._attributes),
                    **message,
                )
        except Gone as error:
            self._lose(error)
            self.trouble = REASONS[error.reason]
            self._broken = f"not tried: {self.trouble}"
            if error.reason == "time":
                raise TookTooLong from None
            raise AnswerError(REASONS[error.reason]) from None
        if reply.get("op") == "raised":
            raise self._exception(remote, reply)
        if reply.get("callable"):
            return Remote(self, remote._root, remote._attributes, "method", remote._process)
        value = reply.get("value")
        if isinstance(value, Remote):
            value._from = f"{remote._name()} {'returned' if message['op'] == 'call' else 'is'}"
        return value

    def _exception(self, remote: "Remote", reply: dict) -> Exception:
        """Return what a test sees of an exception: its names, and what it says."""
        types = reply.get("types")
        names = [short(name, 60) for name in types[:20]] if isinstance(types, list) else []
        text = short(reply.get("text", ""))
        if names[:1] == ["TimeUp"]:
            self._stopped, self.trouble = True, TOO_LONG
            return TookTooLong()
        if names[:1] == ["NotPlain"]:
            return AnswerError(f"{remote._name()} returned {text}: {PLAIN}")
        base = next((RAISED[name] for name in names if name in RAISED), RuntimeError)
        name = names[0] if names and re.fullmatch(r"[^\W\d]\w*", names[0]) else base.__name__
        made = type(name, (base,), {"__str__": lambda error: text, "__module__": __name__})
        return made(text)

    # -- the process

    def _ask(self, seconds: float, arguments: tuple | None = None, **message: Any) -> dict:
        """Send a message and return the reply; call back what the answer calls meanwhile."""
        process = self._process
        if process is None:
            raise Gone("ended")
        seconds = max(0.5, min(self.slower * seconds, self.left()))
        processor = message.get("processor_seconds", 1e6) + GRACE
        process.allow(seconds + GRACE, processor)
        try:
            process.channel.send(seconds=seconds, **message)
            while True:
                reply = process.channel.receive()
                if message.get("watched") and reply.get("arguments") is not None:
                    with contextlib.suppress(ValueError):  # other kinds of values in an array
                        update(arguments, reply["arguments"])
                if reply["op"] != "callback":
                    return reply
                self._call_back(reply, process.channel)
        except (WireError, KeyError, TypeError, IndexError) as error:
            if isinstance(error, NotPlain):  # of the test's own arguments
                raise
            raise Gone("nonsense") from None

    def _call_back(self, request: dict, channel: Channel) -> None:
        function = self._callbacks[request["number"]]
        args, kwargs = request["args"], request["kwargs"]
        if not isinstance(args, tuple) or not isinstance(kwargs, dict):
            raise WireError("no arguments")
        try:
            with undisturbed(False):
                value = function(*args, **kwargs)
        except Gone:
            raise
        except Exception as error:
            channel.send(op="raised", text=short(f"{type(error).__name__}: {error}"))
        else:
            channel.send(op="returned", value=value)

    def _ensure(self) -> None:
        """Have a process in which all cells so far were run."""
        while not self._process:
            self._start()
            for number, source in enumerate(self._done):
                if self.left() <= 0:
                    raise Gone("time")
                try:
                    stopped = self._run(source, True)[1]
                except Gone as error:
                    self._lose(error)
                    stopped = True
                if stopped:  # it was not before; do without it
                    del self._done[number]
                    self.stop()
                    break

    def _start(self) -> None:
        self.processes += 1
        process = self._process = Process(
            self.kind,
            self.limits,
            self.closed,
            STARTING_SECONDS * self.slower,
            self._to_node,
            self._from_node,
        )
        try:
            process.channel.send(op="start")
            process.channel.receive()
        except (Gone, WireError):
            log = process.log()
            self.stop()
            raise OSError(f"the process for the answers does not start: {log}") from None

    def _lose(self, error: Gone) -> None:
        self._stopped = True
        self.stop()

    def stop(self) -> None:
        """End the process."""
        if self._process:
            self._used += self._process.processor_seconds()
            self._process.stop()
            self._process = None

    # -- what is no plain data

    def _to_node(self, value: object) -> list:
        if isinstance(value, Remote):
            return ["remote", value._root, list(value._attributes)]
        if not callable(value):
            raise NotPlain(f"the test passes a value of the type {type(value).__name__}")
        if value not in self._callbacks:
            self._callbacks.append(value)
        return ["callback", self._callbacks.index(value)]

    def _from_node(self, node: list) -> object:
        kind, number, *name = node
        if kind == "callback" and type(number) is int and 0 <= number < len(self._callbacks):
            return self._callbacks[number]
        if kind == "object" and type(number) is int and len(name) == 1:
            return Remote(self, number, (), short(name[0], 60), self._process)
        raise WireError("an unknown kind of value")


class Remote:
    """A function, class or object in the student's process, as a test sees it.

    It can be called and passed on, and has the public attributes of what it stands for. It is no
    number, no list and no array: used as one, it says so in words for the student.
    """

    __slots__ = (
        "_answers", "_attributes", "_from", "_is_watched", "_process", "_root", "_type"
    )  # fmt: skip

    def __init__(
        self,
        answers: Answers,
        root: str | int,
        attributes: tuple[str, ...] = (),
        kind: str = "function",
        at: Process | None = None,
    ):
        self._answers, self._root, self._attributes = answers, root, attributes
        self._type, self._process, self._from, self._is_watched = kind, at, "", False

    def _name(self) -> str:
        return ".".join(
            (self._root if isinstance(self._root, str) else self._type, *self._attributes)
        )

    def _watched(self) -> "Remote":
        made = Remote(self._answers, self._root, self._attributes, self._type, self._process)
        made._is_watched = True
        return made

    def __call__(self, *args: object, **kwargs: object) -> object:
        """Call it where it is."""
        return self._answers.call(self, args, kwargs)

    def __getattr__(self, name: str) -> object:
        if name.startswith("_"):
            raise AttributeError(name)
        path = (*self._attributes, name)
        return self._answers.get(Remote(self._answers, self._root, path, "method", self._process))

    def __deepcopy__(self, memo: dict) -> object:
        return self if isinstance(self._root, str) else self._answers.copy(self)

    __copy__ = __deepcopy__

    def __repr__(self) -> str:
        return f"<{self._name()}, in the student's process>"

    def _refuse(self, *_arguments, **_keywords):
        article = "an" if self._type[:1].lower() in "aeiou" else "a"
        raise AnswerError(f"{self._from or f'{self._name()} is'} {article} {self._type}: {PLAIN}")


for _name in (
    "bool", "len", "iter", "next", "getitem", "setitem", "delitem", "contains", "float", "int",
    "index", "complex", "round", "abs", "neg", "pos", "invert", "eq", "ne", "lt", "le", "gt", "ge",
    "hash", "array", "reduce", "reduce_ex", "bytes",
    *(f"{side}{name}" for side in ("", "r", "i") for name in (
        "add", "sub", "mul", "matmul", "truediv", "floordiv", "mod", "divmod", "pow", "and", "or",
        "xor", "lshift", "rshift",
    )),
):  # fmt: skip
    setattr(Remote, f"__{_name}__", Remote._refuse)
