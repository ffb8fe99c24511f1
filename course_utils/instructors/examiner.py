"""The process that holds an assignment's hidden tests, and examines submissions with them.

It has run the cells that are given, so that it knows what a test may use. For each submission
it makes a copy of itself (on Linux; elsewhere it starts anew), which sends the student's cells
to a process of their own (`proxies`) and runs each test at its place in the notebook. A test
sees what is given, and a proxy for each name that an answer cell asks for: nothing of the
student's code runs here, and no name of theirs meets one of the tests'.

`Examiner` is how other processes use it.
"""

import ast
import atexit
import contextlib
import hashlib
import io
import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from course_utils.instructors import examination
from course_utils.instructors.cells import (
    by_name,
    grade_id,
    marked_lines,
    names_defined,
    read_notebook,
    role,
    source_of,
)
from course_utils.instructors.feedback import clean_outputs
from course_utils.instructors.proxies import Answers, Remote
from course_utils.instructors.sandbox import Limits, choose, keep_warm
from course_utils.instructors.wire import short
from course_utils.paths import ROOT

import psutil

__all__ = ["Examined", "Examiner", "ExaminerError", "close_examiners", "examiner_for"]

CAN_COPY_ITSELF = sys.platform == "linux"
LARGEST_MEMORY = 600_000_000  # bytes; an answer may make a test take much
STARTING_SECONDS = 300
SPARE_SECONDS = 120  # for what is not the student's, after which something is wrong
NO_POINTS = "the test gave no points"
# What an answer's process loads itself, in its shell: figures appear because of it
NOT_LOADED_BEFORE = ("course_utils", "matplotlib.pyplot", "matplotlib_inline", "__main__")


class ExaminerError(RuntimeError):
    """The tests of an assignment cannot be run; the message says why."""


@dataclass
class Examined:
    """What came out of a submission's cells: outputs as nbformat has them, by cell."""

    outputs: list[list[dict]]
    sandbox: str
    remarks: list[str]  # what went wrong in tests, apart from wrong answers
    unfinished: str = ""  # why it has no end


def stopped(reason: str) -> dict:
    """Return an error output that says why a cell has no result."""
    line = f"Stopped: {reason}"
    return {"output_type": "error", "ename": "Stopped", "evalue": reason, "traceback": [line]}


# ---------------------------------------------------------------- in the examiner's process


class Assignment:
    """The source of an assignment: given cells that were run, and tests ready to run."""

    def __init__(self, path: Path):
        self.cells = by_name(read_notebook(path))
        self.roles = {name: role(cell) for name, cell in self.cells.items()}
        self.functions: set[str] = set()
        self.variables: set[str] = set()
        self.given: dict[str, dict] = {}  # by test: the names that it may use
        names: dict[str, object] = {"__name__": "__main__", "__builtins__": __builtins__}
        for name, cell in self.cells.items():
            if self.roles[name] == "answer":
                shown = [line for line, hidden in marked_lines(source_of(cell)) if not hidden]
                asked = names_defined("\n".join(shown))
                functions = set(re.findall(r"^(?:def|class) +(\w+)", "\n".join(shown), re.M))
                self.functions |= functions
                self.variables |= asked - functions
            elif self.roles[name] == "given":
                try:
                    run(source_of(cell), names, name)
                except Exception as error:
                    raise ExaminerError(
                        f"{name}: {type(error).__name__}: {short(error)} (a given cell is run "
                        "without the answers too)"
                    ) from None
            elif self.roles[name] == "test":
                self.given[name] = dict(names)

    def role(self, name: str | None) -> str:
        """Return what a cell of a submission is; what the student added is `added`."""
        return self.roles.get(name or "", "added")

    def test(self, name: str, answers: Answers) -> list[dict]:
        """Run a test on a student's answers; return its outputs."""
        source, printed = source_of(self.cells[name]), io.StringIO()
        names = self.given[name] | {asked: Remote(answers, asked) for asked in self.functions}
        answers.begin_test()
        error, value = "", None
        with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(io.StringIO()):
            try:
                for asked in self.variables & set(re.findall(r"\w+", source)):
                    with contextlib.suppress(NameError):
                        names[asked] = answers.get(Remote(answers, asked))
                value = run(source, names, name)
            except Exception as raised:
                error = f"{type(raised).__name__}: {short(raised)}"
        outputs: list[dict] = []
        if printed.getvalue():
            text = printed.getvalue()[:100_000]
            outputs.append({"output_type": "stream", "name": "stdout", "text": text})
        most = float(self.cells[name]["metadata"]["nbgrader"]["points"])
        if not error and isinstance(value, (int, float)) and 0 <= value <= most:
            outputs.append(
                {
                    "output_type": "execute_result",
                    "execution_count": None,
                    "metadata": {},
                    "data": {"text/plain": f"{value:g}"},
                }
            )
        else:
            outputs.append(stopped(error or NO_POINTS))
        return outputs


def run(source: str, names: dict, name: str) -> object:
    """Run trusted code; return the value of its last line, if that is an expression."""
    tree = ast.parse(source, name)
    last = tree.body[-1] if tree.body else None
    if not isinstance(last, ast.Expr):
        exec(compile(tree, name, "exec"), names)
        return None
    exec(compile(ast.Module(tree.body[:-1], []), name, "exec"), names)
    return eval(compile(ast.Expression(last.value), name, "eval"), names)


def examine(assignment: Assignment, request: dict) -> Iterator[dict]:
    """Run a submission's cells, and the tests at their places; yield what each shows."""
    answers = Answers(
        request["sandbox"],
        Limits(**request["limits"]),
        request["slower"],
        [Path(folder) for folder in request["closed"]],
    )
    examination.measure_with(answers.seconds_used)
    try:
        for number, cell in enumerate(request["cells"]):
            kind = assignment.role(cell["name"])
            if cell["cell_type"] != "code" or kind == "text":
                continue
            remark = ""
            if kind == "test":
                outputs = assignment.test(cell["name"], answers)
                remark = f"{cell['name']}: {answers.trouble}" if answers.trouble else ""
            else:
                shown, reason = answers.run(cell["source"], kind == "given", kind != "check")
                outputs = clean_outputs(shown)
                if reason:
                    outputs = [out for out in outputs if out.get("ename") != "TimeUp"]
                    outputs.append(stopped(reason))
            yield {"cell": number, "outputs": outputs, "remark": remark}
    finally:
        answers.stop()
    yield {"done": True}


def main(path: str) -> None:
    """Examine the submissions that arrive on standard input, a line of JSON each."""
    replies = os.fdopen(os.dup(1), "w", encoding="utf-8")
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 1)

    def reply(message: dict) -> None:
        replies.write(json.dumps(message) + "\n")
        replies.flush()

    try:
        with contextlib.redirect_stdout(io.StringIO()):
            assignment = Assignment(Path(path))
    except (ExaminerError, SyntaxError) as error:
        reply({"failed": str(error)})
        return
    keep_warm([name for name in sys.modules if not name.startswith(NOT_LOADED_BEFORE)])
    reply({"ready": True})
    for line in sys.stdin:
        child = os.fork() if CAN_COPY_ITSELF else 0
        if child:
            status = os.waitpid(child, 0)[1]
            if status:
                reply({"done": True, "failed": f"the tests ended with {status}"})
            continue
        code = 1
        try:
            from course_utils.instructors.confinement import limit_resources

            limit_resources(LARGEST_MEMORY, 10**9, 3600)
            for message in examine(assignment, json.loads(line)):
                reply(message)
            code = 0
        except BaseException as error:
            reply({"done": True, "failed": f"{type(error).__name__}: {short(error)}"})
            code = 0
        finally:
            replies.flush()
            os._exit(code)


# ---------------------------------------------------------------- for other processes


class Examiner:
    """The examiner of one assignment, as the process that grades sees it."""

    def __init__(self, path: Path):
        self._path = path
        self._process: subprocess.Popen[str] | None = None
        self._last_words = ""

    def start(self) -> subprocess.Popen:
        """Start the process, if it does not run; raises ExaminerError."""
        if self._process and self._process.poll() is None:
            return self._process
        # What keeps memory for trainings would count against the limit of a test
        kept = {key: text for key, text in os.environ.items() if not key.startswith("MALLOC_")}
        environment = {**kept, "MPLBACKEND": "agg", "PYTHONPATH": _python_path()}
        environment |= dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
        process = self._process = subprocess.Popen(
            [sys.executable, "-m", "course_utils.instructors.examiner", str(self._path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment,
            start_new_session=os.name == "posix",
            text=True,
            encoding="utf-8",
        )
        threading.Thread(target=self._drain, args=[process.stderr], daemon=True).start()
        atexit.register(self.stop)
        for message in self._replies(process, STARTING_SECONDS):
            if "ready" in message:
                return process
            self.stop()
            raise ExaminerError(message.get("failed", ""))
        raise ExaminerError("the process of the tests does not start")

    def examine(self, cells: list[dict], limits: Limits, closed: list[Path]) -> Examined:
        """Run the cells of a submission and the tests; return what they show.

        Parameters
        ----------
        cells : of a notebook, as plain data
        closed : folders that answers may not look into, where there is no sandbox
        """
        process = self.start()
        # What runs beside the grading on a busy machine must not cost points
        slower = min(5.0, max(1.0, psutil.getloadavg()[0] / (psutil.cpu_count() or 1)))
        kind = choose()[0]
        request = {
            "sandbox": kind,
            "limits": asdict(limits),
            "slower": slower,
            "closed": [str(folder) for folder in closed],
            "cells": [
                {
                    "name": grade_id(cell),
                    "cell_type": cell["cell_type"],
                    "source": source_of(cell),
                }
                for cell in cells
            ],
        }
        examined = Examined([[] for _ in cells], kind, [])
        try:
            assert process.stdin
            process.stdin.write(json.dumps(request) + "\n")
            process.stdin.flush()
        except OSError:
            raise ExaminerError("the process of the tests has ended") from None
        seconds = slower * (limits.submission_seconds + SPARE_SECONDS)
        for message in self._replies(process, seconds):
            if "cell" in message:
                examined.outputs[message["cell"]] = message["outputs"]
                examined.remarks += filter(None, [message["remark"]])
            else:
                examined.unfinished = message.get("failed", "")
                return examined
        raise ExaminerError("the tests do not end")

    def _replies(self, process: subprocess.Popen, seconds: float) -> Iterator[dict]:
        over = threading.Timer(seconds, self.stop)
        over.daemon = True
        over.start()
        try:
            assert process.stdout
            for line in process.stdout:
                yield json.loads(line)
            self.stop()
            yield {"failed": self._last_words or "the process of the tests has ended"}
        finally:
            over.cancel()

    def _drain(self, stream) -> None:
        for line in stream:
            self._last_words = short(line) or self._last_words

    def stop(self) -> None:
        """End the process and what it started."""
        if self._process and self._process.poll() is None:
            if os.name == "posix":
                with contextlib.suppress(OSError):
                    os.killpg(self._process.pid, 9)
            self._process.kill()
            self._process.wait()


def _python_path() -> str:
    return os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))


_examiners: dict[str, Examiner] = {}


def examiner_for(path: Path) -> Examiner:
    """Return the examiner for an assignment's source: the last one, if it is still for that."""
    key = hashlib.sha256(str(path).encode() + path.read_bytes()).hexdigest()
    if key not in _examiners:
        close_examiners()
        _examiners[key] = Examiner(path)
    return _examiners[key]


def close_examiners() -> None:
    """End the process of the last assignment's tests."""
    while _examiners:
        _examiners.popitem()[1].stop()


if __name__ == "__main__":
    main(sys.argv[1])
