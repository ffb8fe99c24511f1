"""The process that runs a student's notebook, inside the sandbox (INSTRUCTORS.md).

It runs cells as a notebook would, and calls what they define when a hidden test asks for it. It
never sees a test: plain data comes in, plain data goes out (`wire`). Whatever the student's code
does to this process, it can only change what the student's own answers return.

    python -m course_utils.instructors.answers '{"memory": …}'

Messages arrive on standard input and leave on standard output; both are out of reach of what a
cell prints.
"""

import base64
import builtins
import copy
import functools
import importlib
import json
import os
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from io import TextIOBase
from typing import Any

from course_utils.instructors.confinement import (
    close_the_books,
    limit_resources,
    refuse_processes,
    shut_files,
)
from course_utils.instructors.wire import Channel, NotPlain, short

__all__ = ["main"]

MOST_TEXT = 100_000  # characters that one cell prints
LARGEST_OUTPUT = 4_000_000  # pictures and players of one cell
LARGEST_OUTPUTS = 20_000_000  # of all cells
SHOWN = ("text/plain", "text/html", "image/png", "image/jpeg")
MOST_OBJECTS = 10_000


class TimeUp(BaseException):
    """A cell or a call took longer than it may."""


# ---------------------------------------------------------------- what a cell shows


class Outputs:
    """What the cell that runs shows, in order, up to a largest size."""

    def __init__(self):
        self.left = LARGEST_OUTPUTS
        self.start()

    def start(self) -> None:
        """Begin a cell."""
        self.shown: list[dict] = []
        self.muted = False
        self._text, self._bytes = MOST_TEXT, min(self.left, LARGEST_OUTPUT)

    def stream(self, text: str) -> None:
        """Add what was printed."""
        if self.muted or not text:
            return
        if len(text) > self._text:
            text = text[: self._text] + ("\n… (what follows is not kept)\n" if self._text else "")
            self._text = 0
        else:
            self._text -= len(text)
        if self.shown and self.shown[-1]["kind"] == "stream":
            self.shown[-1]["text"].append(text)
        elif text:
            self.shown.append({"kind": "stream", "text": [text]})

    def display(self, data: dict, kind: str = "display") -> None:
        """Add a picture, a player, or the value of the cell."""
        if self.muted:
            return
        kept = {key: data[key] for key in SHOWN if isinstance(data.get(key), (str, bytes))}
        kept = {
            key: base64.b64encode(value).decode() if isinstance(value, bytes) else value
            for key, value in kept.items()
        }
        size = sum(map(len, kept.values()))
        if size > self._bytes:
            kept = {"text/plain": kept.get("text/plain", "")[:1000] + "\n… (too large to be kept)"}
            size = min(self._bytes, 1000)
        self._bytes -= size
        self.left -= size
        if len(self.shown) < 1000:
            self.shown.append({"kind": kind, "data": kept})

    def error(self, name: str, text: str, traceback: list[str]) -> None:
        """Add an error."""
        lines = "\n".join(traceback)
        lines = lines if len(lines) < 20_000 else f"{lines[:10_000]}\n…\n{lines[-10_000:]}"
        self.shown.append({"kind": "error", "name": name, "text": text, "traceback": lines})

    def finished(self) -> list[dict]:
        """Return what was shown."""
        for output in self.shown:
            if output["kind"] == "stream":
                output["text"] = "".join(output["text"])
        return self.shown


class Writer(TextIOBase):
    """`sys.stdout` and `sys.stderr` of the notebook."""

    encoding = "utf-8"

    def __init__(self, outputs: Outputs):
        self._outputs = outputs

    def write(self, text: str) -> int:
        """Print."""
        if not isinstance(text, str):
            raise TypeError(f"write() takes a text, not {type(text).__name__}")
        self._outputs.stream(text)
        return len(text)

    def isatty(self) -> bool:
        """Say that nobody looks at it."""
        return False

    def writable(self) -> bool:
        """Say that it can be printed to."""
        return True


def start_shell(outputs: Outputs):
    """Return an IPython shell in this process whose outputs go to `outputs`."""
    from IPython.core.displayhook import DisplayHook
    from IPython.core.displaypub import DisplayPublisher
    from IPython.core.interactiveshell import InteractiveShell
    from traitlets import Type
    from traitlets.config import Config

    class Publisher(DisplayPublisher):
        def publish(self, data, metadata=None, **other):
            outputs.display(data)

        def clear_output(self, wait=False):
            outputs.shown.clear()

    class Hook(DisplayHook):
        def write_output_prompt(self):
            pass

        def write_format_data(self, format_dict, md_dict=None):
            outputs.display(format_dict, "result")

        def finish_displayhook(self):
            pass

    class Shell(InteractiveShell):
        display_pub_class = Type(Publisher)
        displayhook_class = Type(Hook)

        def _showtraceback(self, etype, evalue, stb):
            outputs.error(etype.__name__, _text_of(evalue), list(map(str, stb)))

        def enable_gui(self, gui=None):
            pass

        def system(self, command):
            _not_run("", command)

        system_raw = system_piped = system

        def getoutput(self, command, split=True, depth=0):
            self.system(command)
            return []

    config = Config()
    config.HistoryManager.enabled = False
    config.InteractiveShell.colors = "nocolor"
    shell = Shell.instance(config=config)
    for name in ("pip", "conda", "mamba", "micromamba", "uv"):
        magic: Any = functools.partial(_not_run, name)
        shell.register_magic_function(magic, "line", name)
    sys.stdout = sys.stderr = Writer(outputs)

    def nobody_answers(prompt=""):
        raise EOFError("input() has nobody to ask while grading: remove it from your notebook")

    builtins.input = nobody_answers
    return shell


def _not_run(program: str, line: str) -> None:
    print(f"Not run while grading: {program} {line}".replace("  ", " "))


def _text_of(error: BaseException) -> str:
    try:
        return short(error)
    except BaseException:  # its __str__ is the student's
        return ""


# ---------------------------------------------------------------- calls


class Callback:
    """A function of the test, as the student's code sees it."""

    def __init__(self, server: "Server", number: int):
        self._server, self._number = server, number

    def __call__(self, *args, **kwargs):
        """Let the test call it."""
        return self._server.call_back(self._number, args, kwargs)


class Server:
    """Does what the tests' side asks for, one message after the other."""

    def __init__(self, read: Callable[[int], bytes], write: Callable[[bytes], None]):
        self.outputs = Outputs()
        self.shell: Any = None
        self.channel = Channel(read, write, self.to_node, self.from_node)
        self.objects: dict[int, object] = {}
        self.arguments: list[list] = []  # of the calls that run, and how they came

    # -- what is no plain data crosses as a number

    def to_node(self, value: object) -> list:
        """Return how a value that is no plain data is called."""
        if isinstance(value, Callback):
            return ["callback", value._number]
        number = next((k for k, kept in self.objects.items() if kept is value), len(self.objects))
        if number >= MOST_OBJECTS:
            raise NotPlain(f"more than {MOST_OBJECTS:,} objects")
        self.objects[number] = value
        return ["object", number, type(value).__name__[:100]]

    def from_node(self, node: list) -> Any:
        """Return what the tests' side calls so: a function of its own, or something from here."""
        if node[0] == "callback":
            return Callback(self, node[1])
        return self._find(*node[1:])

    # -- messages

    def serve(self) -> None:
        """Answer messages until the other side is gone."""
        while True:
            try:
                self.handle(self.channel.receive())
            except EOFError:
                os._exit(0)

    def handle(self, message: dict) -> None:
        """Do what one message says, and answer it."""
        reply = getattr(self, f"on_{message.pop('op')}")(**message)
        try:
            self.channel.send(**reply)
        except Exception as error:  # NotPlain, or an object of the student's that is none
            text = short(error) if isinstance(error, NotPlain) else "something odd"
            self.channel.send(op="raised", types=["NotPlain"], text=text, arguments=None)

    def on_start(self, **_nothing: object) -> dict:
        """Make the shell; from here on nobody reads what is written to the error stream."""
        self.shell = start_shell(self.outputs)
        os.dup2(1, 2)
        return {"op": "ready"}

    def on_run(self, source: str, seconds: float) -> dict:
        """Run a cell."""
        self.outputs.start()
        with ALARM.set(seconds):
            self.shell.run_cell(source, store_history=True)
        # IPython may not have come to show that it was stopped
        return {"op": "ran", "outputs": self.outputs.finished(), "stopped": ALARM.rang}

    def on_get(self, root, attributes, seconds) -> dict:
        """Return a variable, or an attribute of an object."""
        found = []
        reply = self._answer(lambda: found.append(self._find(root, attributes)), seconds)
        if found and callable(found[0]):
            return reply | {"callable": True}  # and not one more object for each method
        return reply | {"value": found[0]} if found else reply

    def on_copy(self, root, attributes, seconds) -> dict:
        """Return a deep copy of an object."""
        return self._answer(lambda: copy.deepcopy(self._find(root, attributes)), seconds)

    def on_call(self, root, attributes, args, kwargs, watched, seconds, processor_seconds) -> dict:
        """Call a function or a method; if it is watched, say what it did to its arguments."""
        arguments = (args, kwargs) if watched else None
        self.arguments.append([arguments, self.channel.pack({"": arguments})])
        try:
            reply = self._answer(
                lambda: self._find(root, attributes)(*args, **kwargs), seconds, processor_seconds
            )
            return reply | {"arguments": self._changed()}
        finally:
            self.arguments.pop()

    def _find(self, root: str | int, attributes: list) -> Any:
        if isinstance(root, str):
            if root not in self.shell.user_ns:
                raise NameError(f"name '{root}' is not defined")
            found = self.shell.user_ns[root]
        else:
            found = self.objects[root]
        for name in attributes:
            found = getattr(found, name)
        return found

    def _answer(self, question, seconds, processor_seconds=None) -> dict:
        """Return the value of `question()`, or what it raised."""
        before, self.outputs.muted = self.outputs.muted, True
        reply: dict = {"op": "raised", "types": ["TimeUp"], "text": ""}
        with ALARM.set(seconds, processor_seconds):
            try:
                reply = {"op": "returned", "value": question()}
            except TimeUp:
                pass
            except BaseException as error:  # also SystemExit: an answer may raise anything
                types = [kind.__name__[:100] for kind in type(error).__mro__[:20]]
                reply = {"op": "raised", "types": types, "text": _text_of(error)}
        self.outputs.muted = before
        return reply

    def _changed(self) -> object:
        """Return the arguments of the call that runs, if it changed them since it last said so."""
        arguments, before = self.arguments[-1]
        try:
            now = self.channel.pack({"": arguments})
        except Exception:  # it put something into them that is no plain data
            return None
        self.arguments[-1][1] = now
        return None if now == before else arguments

    def call_back(self, number: int, args: tuple, kwargs: dict) -> Any:
        """Let the test's side run one of its functions; return what that returned."""
        with ALARM.held():  # half a message is of no use
            changed = self._changed()
            self.channel.send(
                op="callback", number=number, args=args, kwargs=kwargs, arguments=changed
            )
            while (message := self.channel.receive())["op"] not in ("returned", "raised"):
                self.handle(message)  # the function calls another answer
        if message["op"] == "raised":
            raise RuntimeError(message["text"])
        return message["value"]


class Alarm:
    """Raises TimeUp in the student's code after some seconds, again and again until it ends.

    It never does so in the code of this module, which would lose half a message. Where there
    are no such signals, the other side ends this process when it takes too long.
    """

    def __init__(self):
        self.rang = self._may_ring = False

    @contextmanager
    def set(self, seconds: float, processor_seconds: float | None = None) -> Iterator[None]:
        """Run the student's code for so long; TimeUp ends the block and goes no further."""
        if not hasattr(signal, "setitimer"):
            yield
            return
        clocks = [(signal.ITIMER_REAL, signal.SIGALRM, seconds)]
        if processor_seconds:
            clocks.append((signal.ITIMER_PROF, signal.SIGPROF, processor_seconds))
        outer, self.rang = self._may_ring, False
        for _, signum, _ in clocks:
            signal.signal(signum, self._ring)
        before = [signal.setitimer(clock, most, 0.5) for clock, _, most in clocks]
        try:
            self._may_ring = True
            yield
            self._may_ring = False
        except TimeUp:
            pass
        finally:
            self._may_ring = outer
            for (clock, _, _), left in zip(clocks, before, strict=True):
                signal.setitimer(clock, *left)

    def _ring(self, _signal, _frame) -> None:
        if self._may_ring:
            self.rang = True
            raise TimeUp

    @contextmanager
    def held(self) -> Iterator[None]:
        """Let a time that is up wait until the block ends."""
        before, self._may_ring = self._may_ring, False
        try:
            yield
        finally:
            self._may_ring = before


ALARM = Alarm()


# ---------------------------------------------------------------- the process


def main(settings: str) -> None:
    """Serve on standard input and output, with the limits in `settings` (JSON)."""
    chosen = json.loads(settings)
    source, target = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb", buffering=0)
    nothing = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1):
        os.dup2(nothing, number)
    os.close(nothing)
    limit_resources(**chosen["limits"])
    if "shut" in chosen and not shut_files(**chosen["shut"]):
        sys.exit("Landlock does not work here")
    refuse_processes()
    if chosen["closed"]:
        close_the_books(chosen["closed"])

    def read(size: int) -> bytes:
        data = source.read(size)
        if len(data) < size:
            raise EOFError
        return data

    def write(data: bytes) -> None:
        view = memoryview(data)
        while view:
            view = view[target.write(view) :]

    Server(read, write).serve()


def serve_copies(modules: list[str]) -> None:
    """Load modules, then become a new copy for each settings that arrive on standard input.

    With the settings come two pipes, on which the copy serves as `main` does (`sandbox.Stock`).
    """
    for name in [*modules, "IPython.core.interactiveshell"]:
        with suppress(Exception):
            importlib.import_module(name)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the copies
    control = socket.socket(fileno=0)
    control.send(b"ready")
    while True:
        settings, pipes, *_ = socket.recv_fds(control, 1 << 16, 2)
        if not settings:
            return
        if os.fork() == 0:
            control.send(b"copy")  # the kernel says from whom
            for number, pipe in enumerate(pipes):
                os.dup2(pipe, number)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            main(settings.decode())
            os._exit(0)
        for pipe in pipes:
            os.close(pipe)


if __name__ == "__main__":
    if sys.argv[1] == "--copies":
        serve_copies(json.loads(sys.argv[2]))
    else:
        main(sys.argv[1])
