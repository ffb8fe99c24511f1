"""Settings for nbgrader's own commands and for its Formgrader in JupyterLab (INSTRUCTORS.md)."""

from pathlib import Path

from course_utils.instructors.grading import course_config

c = get_config()  # noqa: F821
c.merge(course_config(Path(__file__).resolve().parent))
