"""How nbgrader grades this course; nbgrader_config.py loads it (INSTRUCTORS.md).

It holds for `make assignments` and `make grade` (`assignments`), for nbgrader's own commands,
and for its Formgrader in JupyterLab.
"""

from __future__ import annotations

import logging
import os
import re
import sys
import tempfile
import time
import warnings
from collections.abc import Iterator
from pathlib import Path

from course_utils.paths import ROOT

import psutil
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbformat.v4 import new_output
from nbgrader.apps import NbGraderAPI
from nbgrader.converters import Autograde
from nbgrader.preprocessors import Execute, NbGraderPreprocessor
from nbgrader.utils import is_grade, is_locked
from traitlets import List
from traitlets.config import Config

__all__ = [
    "HIDDEN", "KERNEL_ARGUMENTS", "NOT_WRITTEN", "BoundedExecute", "KeepHidden", "api",
    "course_config", "marked_lines",
]  # fmt: skip

warnings.filterwarnings("ignore", module="nbgrader")  # of SQLAlchemy, about nbgrader's own code

# nbgrader starts alembic, which makes its gradebook, by name: it lies beside this Python, and is
# not found otherwise when .venv is used without being activated, as the Makefile does
os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])

CELL_SECONDS = 20  # a cell that a student has a hand in; it takes well under five
GIVEN_SECONDS = 120  # a cell that is given: it imports and loads, on a machine that may be busy
SUBMISSION_SECONDS = 180  # after that, each further cell has two seconds
HIDDEN = ("SOLUTION", "HIDDEN TESTS", "MARK SCHEME")
NOT_WRITTEN = '# Write your code here.\nraise NotImplementedError("This is not written yet.")'
TOO_LONG = "stopped, because it ran too long: does a loop never end?"
DIED = "the kernel died: does the answer end Python, or use up the memory?"
KERNEL_ARGUMENTS = ["--IPKernelApp.log_level=ERROR"]


def course_config(root: Path) -> Config:
    """Return nbgrader's settings for a course in the folder `root`; nbgrader_config.py uses it."""
    (root / "build").mkdir(exist_ok=True)  # nbgrader does not make the gradebook's folder
    config = Config()
    config.CourseDirectory.root = str(root)
    config.CourseDirectory.course_id = "speech-recognition"
    config.CourseDirectory.source_directory = "notebooks/exercises"
    for step in ("release", "submitted", "autograded", "feedback", "solution"):
        config.CourseDirectory[f"{step}_directory"] = f"build/{step}"
    config.CourseDirectory.db_url = f"sqlite:///{root}/build/gradebook.db"
    config.CourseDirectory.ignore = [".ipynb_checkpoints", "*.pyc", "__pycache__", ".*"]
    config.ClearSolutions.code_stub = {"python": NOT_WRITTEN}
    config.ClearSolutions.text_stub = "*Write your answer here.*"
    config.ClearMarkScheme.enforce_metadata = False  # the scheme stands in the task, not the answer
    config.Validator.validate_all = True  # the checks that the student sees are not graded
    config.Execute.timeout = CELL_SECONDS
    config.Execute.error_on_timeout = _stopped(TOO_LONG)
    config.Autograde.autograde_preprocessors = [
        BoundedExecute if step is Execute else step for step in Autograde().autograde_preprocessors
    ]
    config.GenerateFeedback.preprocessors.prepend([KeepHidden])
    return config


def api(root: Path, **directories: str) -> NbGraderAPI:
    """Return nbgrader for a course; `directories` replace those of `course_config`."""
    logging.getLogger("traitlets").propagate = False  # nbgrader's log is kept in its results
    logging.getLogger("traitlets").addHandler(logging.NullHandler())
    config = course_config(root)
    config.CourseDirectory.update(directories)
    config.CourseDirectory.db_url += "?timeout=60"  # the two workers wait for each other
    return NbGraderAPI(config=config, log_level=logging.WARNING)


class BoundedExecute(Execute):
    """Run a submission so that its grade depends on its answers only.

    Each cell has a time limit, and so has the whole; they are those of a machine with nothing
    else to do. A cell that cannot be interrupted, or
    that stops its kernel, costs only itself: a new kernel runs the cells before it again.
    The working folder is empty and temporary, and the books are closed
    (`examination.install_audit_hook`). What an answer writes to stderr costs no points;
    nbgrader would give 0. A test that ends without a number earns nothing; nbgrader would
    give full marks.
    """

    def preprocess(self, nb, resources=None, km=None):
        """Execute the notebook; see the class."""
        course = self.parent.parent.coursedir
        steps = ("source", "release", "submitted", "autograded", "feedback")
        folders = [str(Path(course.root, getattr(course, f"{step}_directory"))) for step in steps]
        folders += [str(ROOT / "tests"), str(ROOT / "notebooks" / "exercises")]
        closing = (
            "import course_utils.instructors.examination as e; "
            f"e.install_audit_hook({folders!r}); del e"
        )
        self.extra_arguments = [*KERNEL_ARGUMENTS, f"--IPKernelApp.exec_lines={closing}"]
        self.shutdown_kernel = "immediate"
        # What runs beside the grading on a busy machine must not cost points
        self.slower = min(5.0, max(1.0, psutil.getloadavg()[0] / (psutil.cpu_count() or 1)))
        self.startup_timeout, self.iopub_timeout = 120, round(8 * self.slower)
        self.deadline = time.monotonic() + SUBMISSION_SECONDS * self.slower
        self.timeout_func = self._seconds_for
        with tempfile.TemporaryDirectory(prefix="grading-") as folder:
            resources["metadata"]["path"] = folder
            nb, resources = super().preprocess(nb, resources, km)
        return nb, resources

    def _seconds_for(self, cell) -> float:
        name = cell.metadata.get("nbgrader", {}).get("grade_id", "")
        given = is_locked(cell) and not name.endswith(("-check", "-test"))
        most = self.slower * (GIVEN_SECONDS if given else self.timeout)
        return max(2, min(most, self.deadline - time.monotonic()))

    def preprocess_cell(self, cell, resources, index):
        """Execute one cell; replace the kernel if the cell has made it useless."""
        try:
            cell, resources = super().preprocess_cell(cell, resources, index)
        except (CellTimeoutError, DeadKernelError) as error:
            cell.outputs = [_stopped(error)]
            self._replace_kernel(resources, self.nb.cells[:index])
        if cell.cell_type == "code":
            _make_fair(cell)
        return cell, resources

    def _replace_kernel(self, resources, cells) -> None:
        """Start a new kernel, and run in it what defines something and did not end the last."""
        self._cleanup_kernel()
        self.km = self.create_kernel_manager()
        self.start_new_kernel()
        self.start_new_kernel_client()
        for number, cell in enumerate(cells):
            name = cell.metadata.get("nbgrader", {}).get("grade_id", "")
            stopped = any(output.get("ename") == "Stopped" for output in cell.get("outputs", []))
            if cell.cell_type != "code" or stopped or name.endswith(("-check", "-test")):
                continue
            try:
                super().preprocess_cell(cell, resources, number)
            except (CellTimeoutError, DeadKernelError) as error:
                cell.outputs = [_stopped(error)]
                return self._replace_kernel(resources, cells)
            _make_fair(cell)


def _make_fair(cell) -> None:
    """Let neither stderr nor a missing result decide the points of a cell."""
    for output in cell.outputs:
        if output.output_type == "stream":
            output.name = "stdout"
    if is_grade(cell) and not any(output.output_type == "error" for output in cell.outputs):
        results = [output for output in cell.outputs if output.output_type == "execute_result"]
        text = results[-1].data.get("text/plain", "") if results else ""
        cell.outputs = [out for out in cell.outputs if out.output_type != "execute_result"]
        points = re.fullmatch(r"\d+(\.\d+)?", text)
        cell.outputs.append(results[-1] if points else _stopped("the test gave no points"))


def _stopped(reason: str | Exception) -> dict:
    """Return an error output that says why a cell has no result."""
    if isinstance(reason, Exception):
        reason = DIED if isinstance(reason, DeadKernelError) else TOO_LONG
    return new_output("error", ename="Stopped", evalue=reason, traceback=[f"Stopped: {reason}"])


def marked_lines(source: str) -> Iterator[tuple[str, bool]]:
    """Return each line of a cell with whether students must not see it."""
    inside = False
    for line in source.splitlines():
        begins = any(f"BEGIN {name}" in line for name in HIDDEN)
        ends = any(f"END {name}" in line for name in HIDDEN)
        yield line, inside or begins or ends
        inside = (inside or begins) and not ends


class KeepHidden(NbGraderPreprocessor):
    """Leave hidden tests and marking schemes out of the feedback, so that they stay hidden.

    What a test printed stays: it says which part was tried, and what was wrong.
    """

    display_data_priority: List = List().tag(config=True)  # the HTML exporter sets it

    def preprocess_cell(self, cell, resources, index):
        """Cut the hidden lines, and the traceback that would show them."""
        visible = [line for line, hidden in marked_lines(cell.source) if not hidden]
        if len(visible) < len(cell.source.splitlines()):
            cell.source = "\n".join(visible)
            for output in cell.get("outputs", []):
                if output.output_type == "error":
                    output.traceback = [f"{output.ename}: {output.evalue}"]
        return cell, resources
