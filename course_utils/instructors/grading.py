"""How nbgrader grades this course; nbgrader_config.py loads it (INSTRUCTORS.md).

It holds for `make assignments` and `make grade` (`assignments`), for nbgrader's own commands,
and for its Formgrader in JupyterLab.
"""

import logging
import os
import sys
import warnings
from dataclasses import replace
from pathlib import Path

from course_utils.instructors.cells import NOT_WRITTEN, is_solution, marks_of, read_notebook
from course_utils.instructors.examiner import close_examiners, examiner_for
from course_utils.instructors.feedback import DATA, clean_text
from course_utils.instructors.pages import (
    TEMPLATES,
    FeedbackPage,
    KeepHidden,
    NameTasks,
    markdown_to_html,
)
from course_utils.instructors.sandbox import Limits
from course_utils.paths import ROOT

from nbformat.notebooknode import from_dict
from nbgrader.apps import NbGraderAPI
from nbgrader.converters import Autograde
from nbgrader.preprocessors import Execute, NbGraderPreprocessor
from traitlets.config import Config

__all__ = ["ExecuteApart", "api", "course_config", "set_limits"]

warnings.filterwarnings("ignore", module="nbgrader")  # of SQLAlchemy, about nbgrader's own code

# nbgrader starts alembic, which makes its gradebook, by name: it lies beside this Python, and is
# not found otherwise when .venv is used without being activated, as the Makefile does
os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])

STEPS = ("source", "release", "submitted", "autograded", "feedback")
_limits = Limits()


def set_limits(limits: Limits) -> None:
    """Let submissions take so much from now on, in this process."""
    global _limits
    _limits = limits


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
    config.Execute.timeout = 60  # of `nbgrader validate`, which runs a notebook as it is
    config.Autograde.autograde_preprocessors = [
        ExecuteApart if step is Execute else step for step in Autograde().autograde_preprocessors
    ]
    config.GenerateFeedback.exporter_class = FeedbackPage
    config.GenerateFeedback.preprocessors.prepend([KeepHidden])
    config.HTMLExporter.preprocessors = [NameTasks]
    config.HTMLExporter.extra_template_basedirs = TEMPLATES
    config.HTMLExporter.filters = {"markdown2html": markdown_to_html}
    return config


def api(root: Path, **directories: str) -> NbGraderAPI:
    """Return nbgrader for a course; `directories` replace those of `course_config`."""
    logging.getLogger("traitlets").propagate = False  # nbgrader's log is kept in its results
    logging.getLogger("traitlets").addHandler(logging.NullHandler())
    config = course_config(root)
    config.CourseDirectory.update(directories)
    config.CourseDirectory.db_url += "?timeout=60"  # the workers wait for each other
    return NbGraderAPI(config=config, log_level=logging.WARNING)


class ExecuteApart(NbGraderPreprocessor):
    """Run a submission in a sandbox, and the hidden tests apart from it (`examiner`).

    It takes the place of nbgrader's step that runs a notebook in one kernel. What an answer
    writes to stderr costs no points; nbgrader would give 0. A test that ends without a number
    earns nothing; nbgrader would give full marks.
    """

    def preprocess(self, nb, resources=None):
        """Put into each cell what it shows when it is graded."""
        course = self.parent.parent.coursedir
        names = resources["nbgrader"]
        folder = Path(course.root, course.source_directory, names["assignment"])
        closed = [Path(course.root, getattr(course, f"{step}_directory")) for step in STEPS]
        closed += [Path(course.root, "build"), ROOT / "tests", ROOT / "notebooks" / "exercises"]
        for cell in nb.cells:
            _keep_what_is_known(cell)
        source = folder / f"{names['notebook']}.ipynb"
        asked = read_notebook(source)["metadata"].get("grading", {})  # of its author
        limits = replace(_limits, **asked)
        examiner = examiner_for(source)
        try:
            examined = examiner.examine(nb.cells, limits, closed)
        finally:
            if not os.environ.get("COURSE_GRADING_WORKER"):
                close_examiners()  # the process may be JupyterLab's, and live for days
        if examined.unfinished:
            raise RuntimeError(f"the tests did not end: {examined.unfinished}")
        for cell, outputs in zip(nb.cells, examined.outputs):
            if cell.cell_type == "code":
                cell.outputs = from_dict(outputs)
        nb.metadata = from_dict(
            {
                "kernelspec": nb.metadata.get("kernelspec", {}),
                "language_info": {"name": "python", "pygments_lexer": "ipython3"},
                "grading": {"sandbox": examined.sandbox, "remarks": examined.remarks},
            }
        )
        return nb, resources


def _keep_what_is_known(cell) -> None:
    """Take out of a cell what a page would obey: other metadata, attachments of other kinds."""
    marks = marks_of(cell)
    cell.metadata = from_dict({"nbgrader": marks} if marks else {})
    if "attachments" in cell:
        kept = {}
        for name, kinds in cell.attachments.items():
            for kind, data in kinds.items():
                data = "".join(data) if isinstance(data, list) else str(data)
                if DATA.fullmatch(f"data:{kind};base64,{''.join(data.split())}"):
                    kept[clean_text(name, 200)] = {kind: data}
        cell.attachments = from_dict(kept)
    if cell.cell_type == "code":
        cell.outputs, cell.execution_count = [], None
    if is_solution(cell) or not marks:
        cell.source = clean_text(cell.source, 2_000_000)
