"""`make outputs`: execute notebooks from a fresh kernel and store what they print.

What differs from run to run without meaning is taken out, so that a difference in git is
a difference in the course: widgets, time stamps, the kernel's version. Before the kernel goes,
every control of every explorer is moved to both ends, or through its choices: one that fails
is an error, and the slowest redraw is printed.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import nbclient
import nbformat

ROOT = Path(__file__).resolve().parent.parent
WIDGET_MIME = "application/vnd.jupyter.widget-view+json"
MOVE_EXPLORERS = """
import gc
import time

from course_utils.widgets import Explorer

slowest, moves = (0.0, ""), 0
for explorer in [thing for thing in gc.get_objects() if type(thing) is Explorer]:
    for control in explorer.children[1:-1]:
        if not hasattr(control, "value"):
            continue  # the microphone: tests/browser moves it
        first = control.value
        values = [o[-1] if isinstance(o, tuple) else o for o in getattr(control, "options", ())]
        if hasattr(control, "min"):
            values = [control.min, control.max]
        elif isinstance(first, bool):
            values = [not first]
        for value in [*values, first]:
            start = time.monotonic()
            control.value = value
            seconds, moves = time.monotonic() - start, moves + 1
            slowest = max(slowest, (seconds, f"{explorer.title}: {control.description}"))
            assert explorer.page.value, f"{explorer.title}: an empty page"
print(f"{moves} moves, the slowest redraw {slowest[0]:.2f} s ({slowest[1]})")
"""


def clean(cell: nbformat.NotebookNode) -> None:
    """Take out the live widgets, which mean nothing without the kernel that made them.

    An explorer leaves the picture that it showed first. Refuse what a student should not see.
    """
    for output in cell.outputs:
        output.get("data", {}).pop(WIDGET_MIME, None)
        if output.get("name") == "stderr":
            raise RuntimeError(f"a cell writes to stderr:\n{cell.source}\n{output.text}")


def execute(path: Path) -> str:
    """Execute a notebook in place; return a line on time, size and explorers; raise on an error."""
    notebook = nbformat.read(path, as_version=4)
    for number, cell in enumerate(notebook.cells):
        cell["id"] = f"cell-{number:03d}"
    notebook.metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    client = nbclient.NotebookClient(
        notebook,
        timeout=300,
        kernel_name="python3",
        resources={"metadata": {"path": path.parent}},
        record_timing=False,
        store_widget_state=False,
        coalesce_streams=True,
    )
    start = time.monotonic()
    with client.setup_kernel():
        for index, cell in enumerate(notebook.cells):
            client.execute_cell(cell, index)
        seconds = time.monotonic() - start
        notebook.cells.append(nbformat.v4.new_code_cell(MOVE_EXPLORERS))
        client.execute_cell(notebook.cells[-1], len(notebook.cells) - 1)
    moved = notebook.cells.pop().outputs[-1].text.strip()
    for cell in notebook.cells:
        if cell.cell_type == "code":
            clean(cell)
    unfinished = path.with_suffix(".unfinished")
    nbformat.write(notebook, unfinished)
    unfinished.replace(path)
    size = path.stat().st_size / 1000
    return f"{path.name}: {seconds:.0f} s, {size:.0f} kB, {moved}"


if __name__ == "__main__":
    chapters = sorted((ROOT / "notebooks").glob("[0-9][0-9]_*.ipynb"))
    paths = [Path(name) for name in sys.argv[1:]] or chapters
    for path in paths:
        print(execute(path), flush=True)
