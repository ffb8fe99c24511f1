"""What a submission may try, each as a student of one class, graded as `make grade` does.

Each file in attacks/ is the answer to `double`, and further cells under `# %% added`; `half` is
answered rightly. Its first line says the points that `double` deserves. Everybody must get what
they deserve, and the run must go on to its end.
"""

from __future__ import annotations

import re
import subprocess
import sys
import time
from pathlib import Path

from course_utils.instructors import assignments as commands
from course_utils.instructors.sandbox import Limits, choose

import psutil
import pytest
from classroom import NAME, answered, feedback, hand_in, new_course, read_grades

ATTACKS = sorted((Path(__file__).parent / "attacks").glob("*.txt"))
LIMITS = Limits(cell_seconds=3, again_seconds=1, submission_seconds=60)
LARGEST_GRADING = 1_500_000_000  # bytes that the whole grading may take
needs_sandbox = pytest.mark.skipif(
    choose()[0] == "none", reason=f"no sandbox works here: {choose()[1]}"
)


def expected(path: Path) -> tuple[float, str]:
    """Return the points that an attack deserves, and the remark on it."""
    text = path.read_text(encoding="utf-8")
    found = re.match(r"# double ([\d.]+): .{10,}", text)
    assert found, f"{path.name}: the first line says points and what is tried: “# double 0: …”"
    remark = re.search(r"^# remark: (.+)", text, re.M)
    return float(found[1]), remark[1] if remark else ""


def cells_of(path: Path, course: Path, home: Path) -> list[tuple[str, str]]:
    """Return the kinds and texts of the cells of an attack."""
    text = path.read_text(encoding="utf-8")
    text = re.sub(r"\bCOURSE\b", repr(str(course)), text)
    text = re.sub(r"\bHOME\b", repr(str(home)), text)
    parts = re.split(r"^# %% (\w+)\n", text, flags=re.M)
    return [("answer", parts[0]), *zip(parts[1::2], parts[2::2], strict=True)]


def submission(course: Path, path: Path, home: Path) -> dict:
    """Return the notebook of an attack."""
    (_, answer), *others = cells_of(path, course, home)
    notebook = answered(course, double=answer)
    at = next(k for k, cell in enumerate(notebook["cells"]) if cell["source"] == answer) + 1
    notebook["cells"][at:at] = [
        {"cell_type": "code" if kind == "added" else kind, "metadata": {}, "source": text}
        | ({"outputs": [], "execution_count": None} if kind == "added" else {})
        for kind, text in others
    ]
    return notebook


class Memory:
    """The largest memory of this process's children, shared pages counted once, while it runs."""

    def __init__(self):
        self.largest, self.over = 0, False

    def watch(self):
        while not self.over:
            total = 0
            for process in psutil.Process().children(recursive=True):
                try:
                    total += getattr(process.memory_full_info(), "pss", process.memory_info().rss)
                except psutil.Error:
                    pass
            self.largest = max(self.largest, total)
            time.sleep(0.5)


@pytest.fixture(scope="module")
def attacked(tmp_path_factory):
    """Grade all attacks in one class with honest neighbours; return the course and the rows."""
    import threading

    course = new_course(tmp_path_factory.mktemp("attacked"))
    home = tmp_path_factory.mktemp("home")
    assert commands.generate(course, NAME) == []
    for student in ("anna", "zoe"):
        hand_in(course, student, answered(course))
    hand_in(course, "untouched", answered(course, double=None, half=None))
    for path in ATTACKS:
        hand_in(course, path.stem, submission(course, path, home))
    with open(course / f"build/submitted/{'brackets'}.tmp", "w") as file:
        file.write('{"cells": [' + "[]," * 13_000_000 + "[]]}")
    brackets = course / "build/submitted/brackets" / NAME / "tiny.ipynb"
    brackets.parent.mkdir(parents=True)
    (course / "build/submitted/brackets.tmp").rename(brackets)
    before = {
        path: path.read_bytes()
        for path in (course / "build").rglob("*")
        if path.is_file() and path.suffix != ".db" and path != brackets
    }
    start, started, memory = time.time(), time.monotonic(), Memory()
    watching = threading.Thread(target=memory.watch)
    watching.start()
    try:
        assert commands.grade(course, [NAME], LIMITS) == 0
    finally:
        memory.over = True
        watching.join()
    seconds = time.monotonic() - started
    changed = [
        path for path, data in before.items() if not path.is_file() or path.read_bytes() != data
    ]
    return {
        "course": course, "home": home, "rows": read_grades(course), "memory": memory.largest,
        "seconds": seconds, "changed": changed, "started": start,
    }  # fmt: skip


@needs_sandbox
@pytest.mark.parametrize("path", ATTACKS, ids=lambda path: path.stem)
def test_an_attack_gets_what_it_deserves(path, attacked):
    row = attacked["rows"][path.stem]
    points, remark = expected(path)
    tasks = dict(re.findall(r"([\w-]+) ([\d.]+)/", row["tasks"]))
    assert float(tasks["double-test"]) == points, row
    assert float(tasks["half-test"]) == 2, f"the other task loses nothing: {row}"
    assert remark in row["remarks"] and row["sandbox"] != "none", row
    assert row["remarks"].isprintable()


@needs_sandbox
def test_no_attack_harms_a_neighbour(attacked):
    rows = attacked["rows"]
    for student in ("anna", "zoe"):
        assert rows[student]["score"] == "4" and rows[student]["remarks"] == "", rows[student]
    assert rows["untouched"]["score"] == "0" and rows["untouched"]["status"] == "untouched"
    assert attacked["changed"] == [], "no file that was there before is another"
    assert list(attacked["home"].iterdir()) == [], "nothing was left in the home folder"


@needs_sandbox
def test_no_process_outlives_grading(attacked):
    time.sleep(1)
    left = [
        process.info["cmdline"]
        for process in psutil.process_iter(["cmdline", "create_time"])
        if "course_utils.instructors.answers" in (process.info["cmdline"] or [])
        and process.info["create_time"] > attacked["started"]
    ]
    assert left == []
    assert read_grades(attacked["course"]) == attacked["rows"], "and the table stays as it is"


@needs_sandbox
def test_the_worst_class_takes_bounded_memory_and_time(attacked):
    assert attacked["memory"] < LARGEST_GRADING, f"{attacked['memory'] / 1e6:.0f} MB"
    row = attacked["rows"]["brackets"]
    assert row["status"] == "not graded" and "reading the file takes more than" in row["remarks"], (
        row
    )


@needs_sandbox
@pytest.mark.parametrize("path", ATTACKS, ids=lambda path: path.stem)
def test_feedback_shows_no_test_and_obeys_no_student(path, attacked):
    page = feedback(attacked["course"], path.stem)
    for hidden in ("marks.part", "double(4) ==", "half(0)", "BEGIN HIDDEN", "1 point: so"):
        assert hidden not in page
    # What can act on a page: scripts, handlers, addresses of other machines
    addresses = r"<[^>]*(?:src|href)=[\"']?(?:javascript|https?):"
    for active in (r"<script", r"<[^>]*\son\w+=", addresses, r"<iframe"):
        found = re.findall(active, page, re.I)
        assert not found, f"{active}: {found[:3]}"


@pytest.mark.parametrize(
    "path",
    [path for path in ATTACKS if "finds the solution where nothing stops it" in path.read_text()],
    ids=lambda path: path.stem,
)
def test_what_looks_for_the_solution_would_find_it_without_a_sandbox(path, tmp_path):
    course = new_course(tmp_path / "course")
    code = cells_of(path, course, tmp_path)[0][1] + "\nprint(double(4))"
    found = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert found.stdout.split()[-1] == "8"


def test_the_sandbox_that_is_used_is_said(attacked):
    kinds = {row["sandbox"] for row in attacked["rows"].values() if row["score"]}
    assert kinds == {choose()[0]}
