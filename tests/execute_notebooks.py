"""`make outputs`: execute notebooks from a fresh kernel and store what they print.

What differs from run to run without meaning is taken out, so that a difference in git is
a difference in the course: widgets, time stamps, the kernel's version.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import nbclient
import nbformat

ROOT = Path(__file__).resolve().parent.parent
WIDGET_MIME = "application/vnd.jupyter.widget-view+json"


def clean(cell: nbformat.NotebookNode) -> None:
    """Take out the live widgets, which mean nothing without the kernel that made them.

    An explorer leaves the picture that it showed first. Refuse what a student should not see.
    """
    for output in cell.outputs:
        output.get("data", {}).pop(WIDGET_MIME, None)
        if output.get("name") == "stderr":
            raise RuntimeError(f"a cell writes to stderr:\n{cell.source}\n{output.text}")


def execute(path: Path) -> float:
    """Execute a notebook in place and return the seconds it took; raise on an error."""
    notebook = nbformat.read(path, as_version=4)
    for number, cell in enumerate(notebook.cells):
        cell["id"] = f"cell-{number:03d}"
    notebook.metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    start = time.monotonic()
    nbclient.NotebookClient(
        notebook,
        timeout=300,
        kernel_name="python3",
        resources={"metadata": {"path": path.parent}},
        record_timing=False,
        store_widget_state=False,
    ).execute()
    seconds = time.monotonic() - start
    notebook.metadata["language_info"] = {"name": "python"}
    for cell in notebook.cells:
        if cell.cell_type == "code":
            clean(cell)
    unfinished = path.with_suffix(".unfinished")
    nbformat.write(notebook, unfinished)
    unfinished.replace(path)
    return seconds


if __name__ == "__main__":
    paths = [Path(name) for name in sys.argv[1:]] or sorted((ROOT / "notebooks").glob("*.ipynb"))
    for path in paths:
        print(
            f"{path.name}: {execute(path):.0f} s, {path.stat().st_size / 1000:.0f} kB", flush=True
        )
