"""What people hand in, and what becomes of it: names, lost metadata, tables, times, pages."""

from __future__ import annotations

import json
import os
import re
import sqlite3
import subprocess
import sys
import unicodedata

from course_utils.instructors import assignments as commands
from course_utils.instructors.cells import grade_id, read_notebook
from course_utils.instructors.results import Records
from course_utils.instructors.submissions import folder_name

import pytest
from answers import ROOT
from classroom import DOUBLE, NAME, answered, feedback, hand_in, new_course, read_grades, released

FORMULA = "## Task 1 · Twice (2 points, 5 minutes)\n\n$y = \\frac{x}{2}$ and $$\\sum_n x[n]$$"
HALF_RIGHT = "def half(x):\n    return 0"  # 1.5 of 2
NAMES = {  # students that a careless grader takes for one, and their points
    "राम": 4, "रोम": 0, "रीम": 3.5, "lee [1]": 4, "lee (1)": 3.5, "lee ~5B~1~5D~": 0,
    "Lee [1]": 3.5, "=2+3": 4, "王小明": 4, "a\nb": 3.5, "x" * 200: 4, ".hidden": 4, "o'brien": 4,
}  # fmt: skip


def with_points(course, points: float) -> dict:
    if points == 4:
        return answered(course)
    wrong = {3.5: {"half": HALF_RIGHT}, 0: {"double": None, "half": None}}
    return answered(course, **wrong[points])


def strip(notebook: dict, cells=None, ids=True) -> dict:
    """Take away what some editors throw away: metadata, and perhaps the ids of cells."""
    for cell in notebook["cells"]:
        if cells is None or grade_id(cell) in cells:
            cell["metadata"] = {}
        if not ids:
            cell.pop("id", None)
    if cells is None:
        notebook["metadata"] = {}
    return notebook


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    root = new_course(tmp_path_factory.mktemp("field"), intro=FORMULA)
    assert commands.generate(root, NAME) == []
    for name, points in NAMES.items():
        hand_in(root, name, with_points(root, points))
    for form in ("NFC", "NFD"):
        hand_in(root, unicodedata.normalize(form, "andré"), answered(root))
    if sys.platform == "linux":
        hand_in(root, os.fsdecode(b"zo\xeb"), answered(root))
    hand_in(root, "no-marks", strip(answered(root)))
    hand_in(root, "no-mark", strip(answered(root), ["half"]))
    hand_in(root, "no-marks-no-ids", strip(answered(root, why="Because."), ids=False))
    hand_in(root, "mac", answered(root), "tiny (1).ipynb")
    hand_in(root, "mac", "\x00\x05\x16\x07 a resource fork", "._tiny (1).ipynb")
    hand_in(root, "copy", released(root))
    hand_in(root, "copy", answered(root), "tiny-my answers.ipynb")
    hand_in(root, "inside", answered(root), "folder/tiny.IPYNB")
    hand_in(root, "untouched", released(root))
    hand_in(root, "syntax", answered(root, double="def double(x):\n    y = (2 * x\n    return y"))
    times = {"time-zh": "2026年11月3日 下午 4:05:06", "time-iso": "2026-11-03T16:05:06+02:00",
             "time-none": "gestern um vier"}  # fmt: skip
    for name, text in times.items():
        path = hand_in(root, name, answered(root)).with_name("timestamp.txt")
        path.write_text(text, encoding="gb18030" if name == "time-zh" else "utf-8")
    assert commands.grade(root, [NAME]) == 0
    return root


@pytest.fixture(scope="module")
def rows(course):
    return read_grades(course)


@pytest.mark.parametrize("name", NAMES, ids=ascii)
def test_different_names_are_different_students(name, course, rows):
    told = " ".join(name.split())
    row = rows[f"'{told}" if told.startswith("=") else told]
    assert float(row["score"]) == NAMES[name], row
    page = feedback(course, folder_name(name))
    assert f"(Score: {NAMES[name]:.1f} / 5.0)" in page
    folders = {folder_name(other) for other in NAMES}
    assert len(folders) == len(NAMES)


def test_names_that_are_one_text_are_refused_by_name(rows):
    for form in ("NFC", "NFD"):
        row = rows[unicodedata.normalize(form, "andré")]
        assert row["status"] == "not graded" and "another folder of the same name" in row["remarks"]


@pytest.mark.skipif(sys.platform != "linux", reason="names of folders are text there")
def test_a_name_that_is_no_text_is_graded(rows):
    assert rows["zo?"]["score"] == "4"


@pytest.mark.parametrize(
    ("student", "remark"),
    [
        ("no-marks", "10 cells had lost nbgrader's marks"),
        ("no-mark", "a cell had lost nbgrader's marks, but could be told: half by its id"),
        ("no-marks-no-ids", "double by what it defines, half by what it defines, why by its place"),
        ("mac", "the file is called tiny (1).ipynb"),
        ("copy", "beside it an untouched notebook: tiny.ipynb"),
        ("inside", "the file is called tiny.IPYNB"),
        ("time-zh", ""),
        ("time-iso", ""),
        ("time-none", "timestamp.txt holds no time that can be read: “gestern um vier”"),
    ],
)
def test_a_small_oddity_costs_a_remark_only(student, remark, rows):
    assert rows[student]["score"] == "4" and remark in rows[student]["remarks"], rows[student]
    assert bool(rows[student]["remarks"]) == bool(remark)


def test_times_are_understood(course):
    stamps = {
        name: (course / "build/collected" / name / NAME / "timestamp.txt").read_text()
        for name in ("time-zh", "time-iso")
    }
    assert stamps["time-zh"] == "2026-11-03 16:05:06 UTC"
    assert stamps["time-iso"] == "2026-11-03 14:05:06 UTC"


def test_a_syntax_error_and_an_untouched_notebook_are_told_apart(course, rows):
    row = rows["syntax"]
    assert row["score"] == "2" and "double: SyntaxError in line 2" in row["remarks"], row
    assert "SyntaxError" in feedback(course, "syntax")
    row = rows["untouched"]
    assert (row["status"], row["score"]) == ("untouched", "0") and "right file?" in row["remarks"]


def test_the_table_opens_in_a_spreadsheet(course):
    data = (course / "build/grades.csv").read_bytes()
    assert data.startswith(b"\xef\xbb\xbf"), "the mark by which a spreadsheet knows the encoding"
    assert "王小明" in data.decode("utf-8-sig")
    for line in data.decode("utf-8-sig").splitlines():
        assert not re.search(r'(?:^|,)"?[=+@-]', line), "no cell is a formula"
        assert line.isprintable()


def fetched(page: str) -> list[str]:
    """Return what a page asks other machines for."""
    return re.findall(r"<(?!a\b)[^>]+(?:src|href)=[\"']?(?:https?:)?//[^>]*>", page)


def test_feedback_names_its_tasks_and_draws_its_formulas_by_itself(course):
    page = feedback(course, folder_name("lee (1)"))
    assert "<mfrac>" in page and "<munder>" in page and "$y" not in page
    assert ">Task 1 · Twice</a> (Score" in page and "# Task 1 · Twice" in page
    assert fetched(page) == []


def test_formgrader_draws_formulas_by_itself(course):
    from course_utils.instructors.grading import course_config

    from nbconvert.exporters import HTMLExporter
    from nbgrader.server_extensions.formgrader.formgrader import FormgradeExtension

    config = FormgradeExtension().build_extra_config()  # and then what the course asks for
    config.merge(course_config(course))
    graded = course / "build/autograded/mac" / NAME / "tiny.ipynb"
    told = {"base_url": "", "index": 0, "total": 1, "notebook_id": "tiny", "submission_id": "x"}
    page, _ = HTMLExporter(config=config).from_filename(str(graded), resources=told)
    assert "glyphicon" in page, "it is Formgrader's page"
    assert "<mfrac>" in page and "# Task 1 · Twice" in page
    assert fetched(page) == []


def test_folders_are_closed(course):
    if os.name == "posix":
        for name in ("submitted", "collected", "autograded", "feedback"):
            assert (course / "build" / name).stat().st_mode & 0o077 == 0
        for name in ("grades.csv", "gradebook.db", "records.json"):
            assert (course / "build" / name).stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("encoding", ["cp1252", "ascii"])
def test_a_console_of_another_encoding_stops_nothing(encoding, tmp_path):
    root = new_course(tmp_path / "课程")
    assert commands.generate(root, NAME) == []
    hand_in(root, "王小明", answered(root, half="def mine(x):\n    return 王"))
    code = (
        "import sys; from pathlib import Path; from course_utils.instructors import assignments;"
        f"sys.exit(assignments.grade(Path(sys.argv[1]), [{NAME!r}]))"
    )
    environment = {**os.environ, "PYTHONIOENCODING": encoding, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", code, str(root)], env=environment, capture_output=True
    )
    assert done.returncode == 0, done.stderr.decode("latin-1")
    assert b"???, 00_tiny: graded" in done.stdout
    assert read_grades(root)["王小明"]["score"] == "2"


# ---------------------------------------------------------------- what is kept, and who changes it


def other_assignment(root) -> None:
    """Put a second assignment and its table into a course."""
    source, _ = commands.notebooks(root, "01_other")
    source.parent.mkdir(parents=True)
    notebook = json.loads(commands.notebooks(root, NAME)[0].read_text(encoding="utf-8"))
    source.write_text(json.dumps(notebook), encoding="utf-8")
    assert commands.generate(root, "01_other") == []


@pytest.fixture
def kept(tmp_path):
    """Grade two students in two assignments."""
    root = new_course(tmp_path)
    assert commands.generate(root, NAME) == []
    other_assignment(root)
    for student in ("anna", "ben"):
        hand_in(root, student, answered(root, half=HALF_RIGHT))
        path = root / "build/submitted" / student / "01_other/other.ipynb"
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps(answered(root, half=HALF_RIGHT)), encoding="utf-8")
    assert commands.grade(root, [NAME, "01_other"]) == 0
    return root


def rows_of(root) -> dict:
    return {
        (row["assignment"], row["student"]): row for row in Records(root / "build").rows.values()
    }


def test_what_somebody_changed_is_noticed(kept):
    build = kept / "build"
    table = (build / "grades.csv").read_text(encoding="utf-8-sig")
    changed = table.replace("01_other,anna", "01_other,anna", 1)
    changed = re.sub(r"(?m)^(anna,01_other,graded),3\.5", r"\1,5", changed)
    assert changed != table
    added = "zoe,01_other,graded,5,5,0,,,\n"
    (build / "grades.csv").write_text(changed + added, encoding="utf-8-sig")
    graded = build / "autograded/ben" / NAME / "tiny.ipynb"
    graded.chmod(0o644)
    notebook = read_notebook(graded)
    notebook["cells"][2]["source"] = "def double(x): return 'better'"
    graded.write_text(json.dumps(notebook), encoding="utf-8")
    book = sqlite3.connect(build / "gradebook.db")
    book.execute("update grade set auto_score = 2.0 where auto_score = 1.5")
    book.commit()
    book.close()
    assert commands.grade(kept, [NAME]) == 0
    rows = rows_of(kept)
    anna = rows["01_other", "anna"]
    assert anna["score"] == 3.5, "what was graded stays"
    assert "somebody had changed this row of grades.csv to score '5'" in anna["remarks"]
    assert "somebody had added this row" in rows["01_other", "zoe"]["remarks"]
    assert rows["01_other", "ben"]["remarks"] == ""
    told = rows[NAME, "anna"]["remarks"]
    assert "somebody had changed the points of tests in the gradebook: half-test 1.5 to 2" in told
    ben = rows[NAME, "ben"]
    assert "the graded notebook had been changed by somebody" in ben["remarks"]
    assert ben["score"] == 3.5, "and is graded again"
    assert "better" not in graded.read_text(encoding="utf-8")


def test_a_record_that_somebody_changed_is_noticed(kept):
    build = kept / "build"
    stored = json.loads((build / "records.json").read_text())
    stored["content"] = stored["content"].replace('"score": 3.5', '"score": 5.0')
    (build / "records.json").write_text(json.dumps(stored))
    assert "records.json was changed by somebody else" in Records(build).doubt
    for damage in ("", "{", "[]", '{"content": 3}'):
        (build / "records.json").write_text(damage)
        assert "damaged by somebody else" in Records(build).doubt
    (build / "records.json").unlink()
    assert "nothing tells whether" in Records(build).doubt
    assert len(rows_of(kept)) == 4, "the rows of the table are kept, with that remark"
    for row in Records(build).kept([NAME]):
        assert "nothing tells whether" in row["remarks"]


def test_a_spreadsheet_that_saved_the_table_changed_nothing(kept):
    table = kept / "build/grades.csv"
    text = table.read_text(encoding="utf-8-sig").replace(",5,", ",5.0,").replace("3.5", '"3,5"')
    table.write_text(text, encoding="utf-8-sig")
    assert all(row["remarks"] == "" for row in rows_of(kept).values())


def test_an_older_table_without_records_is_kept(tmp_path):
    assert DOUBLE
    (tmp_path / "build").mkdir()
    (tmp_path / "build/grades.csv").write_text(
        "student,assignment,status,score,of,by_hand,tasks,remarks\nanna,01_x,graded,3,4,0,a 3/4,\n"
    )
    (row,) = Records(tmp_path / "build").kept([])
    assert row["score"] == "3" and row["sandbox"] == ""
