"""Open JupyterLab at the first chapter: `make lab`.

Two parts of JupyterLab take more than half of its start and are seldom needed. They stay out:

- a parser of internationalised addresses, which jsonschema builds on import and nothing here asks;
- nbgrader's menu and pages, until there is something to grade (`jupyter/` beside this file).
"""

import os
import sys
from collections.abc import MutableMapping, Sequence
from pathlib import Path

__all__ = ["main"]

COURSE = Path(__file__).resolve().parent.parent.parent
FIRST = "/lab/tree/notebooks/00_start_here.ipynb"
WITHOUT_NBGRADER = Path(__file__).with_name("jupyter")  # settings for Jupyter
GRADING = ("release", "submitted", "gradebook.db")  # in build/, from an instructor's commands


def leave_out_nbgrader(course: Path, environment: MutableMapping[str, str]) -> bool:
    """Have Jupyter read `WITHOUT_NBGRADER` if nothing was released or handed in; say whether."""
    if any((course / "build" / name).exists() for name in GRADING):
        return False
    others = environment.get("JUPYTER_CONFIG_PATH")
    paths = [str(WITHOUT_NBGRADER), *([others] if others else [])]
    environment["JUPYTER_CONFIG_PATH"] = os.pathsep.join(paths)
    return True


def main(arguments: Sequence[str]) -> None:
    """Start JupyterLab with further arguments; it goes on until it is interrupted."""
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
    leave_out_nbgrader(COURSE, os.environ)
    from jupyterlab import labapp  # type: ignore[import-untyped]

    labapp.main([f"--LabApp.default_url={FIRST}", *arguments])


if __name__ == "__main__":
    main(sys.argv[1:])
