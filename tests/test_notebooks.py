"""Guards: what every committed notebook has to hold, and proof that each guard can fail."""

from __future__ import annotations

import copy
import os
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).resolve().parent.parent
CHAPTERS = sorted((ROOT / "notebooks").glob("[0-9][0-9]_*.ipynb"))
LARGEST_BYTES = 1_500_000
IGNORED = {"nbval-ignore-output", "nbval-skip"}
IGNORED_SHARE = 0.20  # of a notebook's code cells
SILENT = {"defines"}  # cells that only define or assign: nothing to print
MACHINE_PATH = re.compile(
    r"(?<![\w.])/(?:work|root|tmp|home|Users|mnt|opt)/[\w.-]+|[A-Z]:\\\\Users"
)
OPENING = ("**You will learn**", "**Before you start**", "**Time**")
CLOSING = ("## Summary", "## Exercises", "## Further reading")


def tags(cell) -> set[str]:
    return set(cell.metadata.get("tags", []))


def problems(notebook, size: int) -> list[str]:
    """Say what is wrong with a notebook; an empty list is a pass."""
    found = []
    code = [cell for cell in notebook.cells if cell.cell_type == "code" and cell.source.strip()]
    prose = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    if size > LARGEST_BYTES:
        found.append(f"{size / 1e6:.1f} MB, larger than {LARGEST_BYTES / 1e6} MB")
    for number, cell in enumerate(code):
        text = str(cell.outputs)
        if cell.execution_count is None:
            found.append(f"cell {number} was never run: nothing is compared")
        if any(output.output_type == "error" for output in cell.outputs):
            found.append(f"cell {number} holds an error output")
        if any(output.get("name") == "stderr" for output in cell.outputs):
            found.append(f"cell {number} writes to stderr")
        if not cell.outputs and not tags(cell) & (SILENT | IGNORED):
            found.append(f"cell {number} has no output to compare and no tag that says why")
        if MACHINE_PATH.search(text) and not tags(cell) & IGNORED:
            found.append(f"cell {number} shows a path of one machine")
        if len(cell.source.splitlines()) > 40:
            found.append(f"cell {number} has more than 40 lines")
        pictures = any(
            {"image/png", "image/jpeg"} & set(out.get("data", {})) for out in cell.outputs
        )
        if pictures or re.search(r"<img (?![^>]*alt=)", text):
            found.append(f"cell {number} shows a figure without alternative text: use show()")
        if "<audio" in text and "aria-label" not in text:
            found.append(f"cell {number} has a player without a label: use play()")
    ignored = sum(bool(tags(cell) & IGNORED) for cell in code)
    if ignored > IGNORED_SHARE * len(code):
        found.append(f"{ignored} of {len(code)} cells are not compared")
    if MACHINE_PATH.search(prose):
        found.append("the prose names a path of one machine")
    for part in (*OPENING, *CLOSING):
        if part not in prose:
            found.append(f"there is no “{part}”")
    return found


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_notebook(path):
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    assert problems(notebook, path.stat().st_size) == []


def test_there_are_chapters():
    assert [path.stem[:2] for path in CHAPTERS][:4] == ["00", "01", "02", "03"]


# ---------------------------------------------------------------- the guards can fail


def break_unrun(cell):
    cell.execution_count = None


def break_silent(cell):
    cell.outputs = []


def break_error(cell):
    cell.outputs = [nbformat.v4.new_output("error", ename="E", evalue="", traceback=[])]


def break_stderr(cell):
    cell.outputs = [nbformat.v4.new_output("stream", name="stderr", text="warning")]


def break_path(cell):
    cell.outputs = [nbformat.v4.new_output("stream", name="stdout", text="in /home/anna/x")]


def break_figure(cell):
    cell.outputs = [nbformat.v4.new_output("display_data", {"image/png": "aa"})]


def break_player(cell):
    cell.outputs = [nbformat.v4.new_output("display_data", {"text/html": "<audio src=''>"})]


def break_long(cell):
    cell.source = "\n".join(["x = 1"] * 41)


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (break_unrun, "never run"),
        (break_silent, "no output to compare"),
        (break_error, "error output"),
        (break_stderr, "stderr"),
        (break_path, "path of one machine"),
        (break_figure, "alternative text"),
        (break_player, "without a label"),
        (break_long, "more than 40 lines"),
    ],
)
def test_each_guard_fails_when_it_should(damage, reason):
    notebook = sound_notebook()
    assert problems(notebook, 1000) == []
    damage(notebook.cells[1])
    assert any(reason in problem for problem in problems(notebook, 1000))


def test_guards_on_the_whole_notebook_fail_when_they_should():
    assert any("larger than" in problem for problem in problems(sound_notebook(), 2_000_000))
    ignoring = sound_notebook()
    ignoring.cells[1].metadata["tags"] = ["nbval-ignore-output"]
    assert any("not compared" in problem for problem in problems(ignoring, 1000))
    opening = sound_notebook()
    opening.cells[0].source = "# Title"
    assert len(problems(opening, 1000)) == len(OPENING) + len(CLOSING)


def sound_notebook():
    """A notebook that passes: prose, and one cell that prints."""
    output = nbformat.v4.new_output("stream", name="stdout", text="3 clips\n")
    notebook = nbformat.v4.new_notebook(
        cells=[
            nbformat.v4.new_markdown_cell("\n".join((*OPENING, *CLOSING))),
            nbformat.v4.new_code_cell("print(3, 'clips')", execution_count=1, outputs=[output]),
        ],
    )
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
    return notebook


# ---------------------------------------------------------------- nbval compares what it should

CHANGES = {  # of what is stored, and whether nbval lets it pass
    "nothing": True,
    "printed": False,
    "figure text": False,
    "figure bytes": True,
    "corpus-output": False,
}


def changed_notebook(change: str):
    """A notebook whose stored outputs differ in one thing from what it prints."""
    notebook = copy.deepcopy(sound_notebook())
    bundle = {"text/plain": "Figure: a line", "text/html": "<img alt='a line' src='x'>"}
    output = nbformat.v4.new_output("execute_result", bundle, execution_count=2)
    source = f"class P:\n    def _repr_mimebundle_(self, **k):\n        return {bundle}\nP()"
    notebook.cells.append(nbformat.v4.new_code_cell(source, execution_count=2, outputs=[output]))
    if change in ("printed", "corpus-output"):
        notebook.cells[1].outputs[0].text = "4 clips\n"
    if change == "corpus-output":
        notebook.cells[1].metadata["tags"] = ["corpus-output"]
    if change == "figure text":
        output.data["text/plain"] = "Figure: a circle"
    if change == "figure bytes":
        output.data["text/html"] = "<img alt='a line' src='y'>"
    return notebook


def failed_notebooks(folder: Path, changes, **environment: str) -> set[str]:
    """Run changed notebooks through nbval as `make test` does; return those that fail."""
    for change in changes:
        nbformat.write(changed_notebook(change), folder / f"{change}.ipynb")
    (folder / "conftest.py").write_text((ROOT / "conftest.py").read_text())
    command = [sys.executable, "-m", "pytest", "--nbval", "-q", "-rf", "-p", "no:cacheprovider"]
    result = subprocess.run(
        [*command, "-c", os.devnull, "--rootdir", folder, *sorted(folder.glob("*.ipynb"))],
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        capture_output=True,
        text=True,
    )
    counts = re.search(r"(?:(\d+) failed, )?(\d+) passed in", result.stdout)
    assert counts and sum(int(n or 0) for n in counts.groups()) == 2 * len(changes), result.stdout
    return set(re.findall(r"^FAILED .*?([\w -]+)\.ipynb::", result.stdout, flags=re.M))


@pytest.mark.slow
def test_nbval_compares_what_it_should(tmp_path):
    """An altered stored output fails; the bytes of a picture may differ between machines."""
    (tmp_path / "data" / "fsdd-1.0.10" / "recordings").mkdir(
        parents=True
    )  # as if the recordings were there
    data = {"COURSE_DATA": str(tmp_path / "data"), "COURSE_CORPUS": "fsdd"}
    failed = failed_notebooks(tmp_path, CHANGES, **data)
    assert failed == {change for change, passes in CHANGES.items() if not passes}


@pytest.mark.slow
@pytest.mark.parametrize("corpus", ["embedded", "fsdd"])
def test_what_another_corpus_changes_is_not_compared(corpus, tmp_path):
    """Neither with the synthetic voices nor where the recordings cannot be downloaded."""
    missing = {"COURSE_DATA": str(tmp_path / "data"), "COURSE_FSDD_URL": "file:///nowhere"}
    changes = ["printed", "corpus-output"]
    assert failed_notebooks(tmp_path, changes, COURSE_CORPUS=corpus, **missing) == {"printed"}


def nbval(folder: Path, sources: list[str], tags: list[str], **environment: str) -> str:
    """Run a notebook of these cells through nbval with the course's settings; return the output."""
    cells = [nbformat.v4.new_code_cell(source, execution_count=1) for source in sources]
    for cell in cells:
        cell.metadata["tags"] = tags
    nbformat.write(nbformat.v4.new_notebook(cells=cells), folder / "cells.ipynb")
    (folder / "conftest.py").write_text((ROOT / "conftest.py").read_text())
    command = [sys.executable, "-m", "pytest", "--nbval", "-q", "-rf", "-p", "no:cacheprovider"]
    return subprocess.run(
        [*command, "-c", os.devnull, "--rootdir", folder, folder / "cells.ipynb"],
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        capture_output=True,
        text=True,
    ).stdout


@pytest.mark.slow
def test_a_cell_that_cannot_be_run_twice_in_a_row_is_found(tmp_path):
    cells = [
        "known, numbers = {'right': 3}, [1, 2, 3, 4]",
        "known = known['right']",  # it reads the name that it writes
        "numbers.remove(1)",  # it changes what an earlier cell made
        "import time; time.sleep(2.5); numbers.remove(2)",  # a training: once is enough
        "print(numbers.pop())",  # it prints something else, but is no error
    ]
    once = nbval(tmp_path, cells, ["nbval-ignore-output"], COURSE_CORPUS="embedded")
    assert "5 passed" in once, once
    twice = {"COURSE_CORPUS": "embedded", "COURSE_CELLS": "twice=2"}
    said = nbval(tmp_path, cells, [], **twice)
    assert "2 failed, 3 passed" in said, said
    assert "not a second time" in said and "TypeError" in said and "ValueError" in said


def test_every_chapter_is_run_with_each_cell_twice():
    from tests.run_all import jobs

    twice = {job.arguments[-1] for job in jobs(False) if "COURSE_CELLS" in job.environment}
    assert twice == {f"notebooks/{path.name}" for path in CHAPTERS}
