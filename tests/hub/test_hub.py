"""A class of five on a JupyterHub: the link, the first chapter, an assignment there and back.

It uses the tools and settings that INSTRUCTORS.md names. All users share one account of this
machine; what that means for whose work is whose is tested in unit/test_exchange.py.
"""

from __future__ import annotations

import csv
import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlencode

from course_utils.instructors import student_edition
from course_utils.instructors.cells import by_name, is_solution, source_of

import pytest
from hub import COURSE, ROOT, Hub, User, why_not

if lacking := why_not():
    if os.environ.get("CI"):
        raise RuntimeError(f"{lacking}; .ci/run does so")
    pytest.skip(lacking, allow_module_level=True)

ASSIGNMENT = "01_signals"
NOTEBOOK = f"notebooks/exercises/{ASSIGNMENT}/signals.ipynb"
STUDENTS = ("anna", "bob", "carl", "dora", "emil")
CODE_CELLS = (
    "jupyterapp.shell.currentWidget.content.model.toJSON().cells"
    ".filter(cell => cell.cell_type === 'code')"
)
SHARED_ACCOUNT = """
import os
c = get_config()
c.ExchangeCollect.check_owner = False
if os.environ["JUPYTERHUB_USER"] != "teacher":
    c.CourseDirectory.student_id = os.environ["JUPYTERHUB_USER"]
"""
MARKS = re.compile(r"^ *### (?:BEGIN|END) SOLUTION.*\n?", flags=re.M)


def git(folder: Path, *arguments: str) -> None:
    author = ("-c", "user.name=Course", "-c", "user.email=course@example.org")
    subprocess.run(["git", *author, *arguments], cwd=folder, check=True, capture_output=True)


@pytest.fixture(scope="module")
def work(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("hub")


@pytest.fixture(scope="module")
def repository(work) -> Path:
    """The student edition in a repository, as an instructor publishes it; one assignment in it."""
    teachers = work / "home" / "teacher" / "course"
    for name in ("notebooks", "course_utils", "data"):
        shutil.copytree(ROOT / name, teachers / name, ignore=shutil.ignore_patterns("__pycache__"))
    for path in (teachers / "notebooks" / "exercises").iterdir():
        if path.name != ASSIGNMENT:
            shutil.rmtree(path)
    for name in ("nbgrader_config.py", "Makefile", "README.md", ".gitignore", "pyproject.toml"):
        shutil.copy(ROOT / name, teachers)
    edition, bare = work / "edition", work / "course.git"
    student_edition.build(teachers, edition)
    git(edition, "init", "--initial-branch=main")
    git(edition, "add", "--all")
    git(edition, "commit", "--message=The course")
    git(work, "clone", "--bare", str(edition), str(bare))
    return bare


@pytest.fixture(scope="module")
def hub(work, repository):
    hub = Hub(work)
    (work / "etc" / "nbgrader_config.py").write_text(SHARED_ACCOUNT)
    try:
        yield hub
    finally:
        hub.stop()


@pytest.fixture(scope="module")
def users(hub) -> dict[str, User]:
    """Five students and their teacher; all come at once."""
    users = {name: User(hub, name) for name in (*STUDENTS, "teacher")}
    for user in users.values():
        user.start()
    waited = {name: user.ready() for name, user in users.items()}
    print("\nwaited for a server, its processor time and memory, six at the same time:")
    for name, user in users.items():
        print(f"{name:8s} {waited[name]:5.1f} s {user.processor_seconds():5.1f} s "
              f"{user.memory():4.0f} MB")  # fmt: skip
    return users


def answers(release: dict, source: dict, only: tuple[str, ...] = ()) -> dict:
    """Return an assignment with the right answers; with `only`, those of these tasks."""
    right = by_name(source)
    for name, cell in by_name(release).items():
        if is_solution(cell) and (not only or name in only):
            cell["source"] = MARKS.sub("", source_of(right[name]))
    return release


def edit(user: User, change) -> None:
    """Open the assignment, change it and save it, as JupyterLab does."""
    path = f"api/contents/course/{NOTEBOOK}"
    content = user.ask("GET", path, params={"content": 1}).json()["content"]
    user.ask("PUT", path, json={"type": "notebook", "content": change(content)})


def grades(teacher: User) -> dict[str, dict[str, str]]:
    path = teacher.home / "course" / "build" / "grades.csv"
    with open(path, newline="", encoding="utf-8-sig") as file:
        return {row["student"]: row for row in csv.DictReader(file)}


# ---------------------------------------------------------------- the link


def test_the_link_gives_everybody_a_copy(users, repository):
    for name in STUDENTS:
        users[name].pull(repository)
        course = users[name].home / "course"
        assert (course / "notebooks" / "00_start_here.ipynb").is_file()
        assert not (course / "course_utils" / "instructors").exists()
        assert "BEGIN SOLUTION" not in (course / NOTEBOOK).read_text(encoding="utf-8")


def test_the_link_keeps_what_was_changed_and_brings_back_what_was_deleted(users, repository):
    carl = users["carl"]
    edit(carl, lambda content: content["cells"].append(carls_cell()) or content)
    (carl.home / "course" / "README.md").unlink()
    carl.pull(repository)
    assert "carl was here" in (carl.home / "course" / NOTEBOOK).read_text(encoding="utf-8")
    assert (carl.home / "course" / "README.md").is_file()
    # the whole folder: the list of assignments still answers, and the link fetches it again
    carl.terminal("rm -rf course")
    assert carl.assignments() == []
    carl.pull(repository)
    assert "carl was here" not in (carl.home / "course" / NOTEBOOK).read_text(encoding="utf-8")
    assert (users["bob"].home / "course" / NOTEBOOK).is_file(), "nobody else's is touched"


def carls_cell() -> dict:
    return {"cell_type": "raw", "id": "carl", "metadata": {}, "source": "carl was here"}


def test_a_student_opens_the_first_chapter_by_the_link_and_runs_it(hub, users, repository):
    sys.path.insert(0, str(ROOT / "tests" / "browser"))
    chromium = pytest.importorskip("chromium", reason="no Chromium: no link is opened")
    about = {
        "repo": str(repository), "branch": "main", "targetpath": "course",
        "urlpath": "lab/tree/course/notebooks/00_start_here.ipynb?reset",
    }  # fmt: skip
    with chromium.playwright_api.sync_playwright() as playwright:
        browser = chromium.launch(playwright, os.devnull)
        page = browser.new_page(viewport={"width": 1280, "height": 1000})
        page.set_default_timeout(300_000)
        page.goto(f"{hub.address}/hub/user-redirect/git-pull?{urlencode(about)}")
        page.fill("#username_input", "anna")
        page.fill("#password_input", "any")
        page.click("#login_submit")
        page.wait_for_selector(".jp-NotebookPanel .jp-Cell")
        page.wait_for_selector(".jp-Notebook-ExecutionIndicator[data-status='idle']")
        page.wait_for_timeout(1000)
        for menu, item in (("Edit", "Clear Outputs of All Cells"), ("Run", "Run All Cells")):
            page.get_by_role("menuitem", name=menu, exact=True).click()
            page.get_by_role("menuitem", name=item, exact=True).click()
        begin = time.monotonic()
        page.wait_for_function(  # JupyterLab draws only the cells near the window: ask its model
            f"() => {{ const code = {CODE_CELLS}; return code.every(cell => cell.execution_count)"
            " || code.some(cell => cell.outputs.some(one => one.output_type === 'error')) }",
            timeout=400_000,
            polling=1000,
        )
        seconds, memory = time.monotonic() - begin, users["anna"].memory()
        processor = users["anna"].processor_seconds()
        errors = f"{CODE_CELLS}.flatMap(c => c.outputs).filter(o => o.output_type === 'error')"
        assert page.evaluate(f"() => {errors}.map(error => error.evalue)") == []
        page.keyboard.press("Control+s")
        page.wait_for_timeout(1000)
        browser.close()
    for kernel in users["anna"].ask("GET", "api/kernels").json():
        users["anna"].ask("DELETE", f"api/kernels/{kernel['id']}")
    print(f"\nchapter 00: {seconds:.0f} s, {memory:.0f} MB with its kernel, "
          f"{processor:.0f} s of processor time since she came")  # fmt: skip
    chapter = users["anna"].home / "course" / "notebooks" / "00_start_here.ipynb"
    published = users["bob"].home / "course" / "notebooks" / "00_start_here.ipynb"
    assert chapter.read_bytes() != published.read_bytes(), "it is her own copy that she ran"


# ---------------------------------------------------------------- an assignment, there and back


@pytest.fixture(scope="module")
def released(users) -> str:
    """What the teacher typed to release it, and what it said."""
    commands = "course_utils.instructors.assignments"
    said = users["teacher"].terminal(
        f"cd course && {sys.executable} -m {commands} release {ASSIGNMENT}"
        f" && {sys.executable} -m nbgrader release_assignment {ASSIGNMENT}"
    )
    assert said.endswith("0") or "Released as" in said, said
    return said


def test_students_see_what_is_released(users, released):
    (entry,) = users["bob"].assignments()
    assert (entry["course_id"], entry["assignment_id"]) == (COURSE, ASSIGNMENT)
    assert entry["status"] == "fetched", "the link has brought it already"
    shutil.rmtree(users["emil"].home / "course" / "notebooks" / "exercises" / ASSIGNMENT)
    (entry,) = users["emil"].assignments()
    assert entry["status"] == "released"


@pytest.fixture(scope="module")
def handed_in(users, released) -> None:
    source = json.loads((ROOT / NOTEBOOK).read_text(encoding="utf-8"))
    shutil.rmtree(
        users["emil"].home / "course" / "notebooks" / "exercises" / ASSIGNMENT, ignore_errors=True
    )
    users["emil"].assignments("fetch", ASSIGNMENT)
    first = next(cell for cell in source["cells"] if is_solution(cell))
    first = first["metadata"]["nbgrader"]["grade_id"]
    edit(users["anna"], lambda content: answers(content, source))
    edit(users["bob"], lambda content: answers(content, source, only=(first,)))
    edit(users["emil"], lambda content: answers(content, source))
    # dora hands in a copy of what bob wrote
    theirs = users["bob"].home / "course" / NOTEBOOK
    shutil.copy(theirs, users["dora"].home / "course" / NOTEBOOK)
    for name in STUDENTS:
        entries = users[name].assignments("submit", ASSIGNMENT)
        assert "submitted" in {entry["status"] for entry in entries}


@pytest.fixture(scope="module")
def graded(users, handed_in) -> str:
    """Collect, grade and return, as INSTRUCTORS.md says."""
    nbgrader = f"{sys.executable} -m nbgrader"
    said = users["teacher"].terminal(
        f"cd course && {nbgrader} collect {ASSIGNMENT}"
        f" && {sys.executable} -m course_utils.instructors.assignments grade {ASSIGNMENT}"
        f" && {nbgrader} release_feedback {ASSIGNMENT}"
    )
    assert "Feedback released to" in said, said
    return said


def test_everybody_has_the_points_of_his_own_work(users, graded):
    rows = grades(users["teacher"])
    assert set(rows) == set(STUDENTS)
    full = float(rows["anna"]["of"]) - float(rows["anna"]["by_hand"])
    assert float(rows["anna"]["score"]) == float(rows["emil"]["score"]) == full
    assert 0 < float(rows["bob"]["score"]) < full
    assert rows["dora"]["score"] == rows["bob"]["score"], "a copied answer is an answer"
    assert rows["carl"]["status"] == "untouched"


def test_feedback_comes_back_to_its_owner(users, graded):
    for name in STUDENTS:
        users[name].assignments("fetch_feedback", ASSIGNMENT)
        folder = users[name].home / "course" / "notebooks" / "exercises" / ASSIGNMENT / "feedback"
        pages = list(folder.glob("*/signals.html"))
        assert len(pages) == 1, name
        returned = users["teacher"].home / "course/build/feedback" / name / ASSIGNMENT
        assert pages[0].read_bytes() == (returned / "signals.html").read_bytes()


def test_the_report_on_the_class_knows_who_fetched_it(users, graded):
    page = (users["teacher"].home / "course/build/class-report.html").read_text(encoding="utf-8")
    assert "5 handed in" in page and "known of 1 of 5" in page
    for name in STUDENTS:
        assert name not in page


def test_who_hands_in_again_has_feedback_on_the_new_one(users, graded):
    source = json.loads((ROOT / NOTEBOOK).read_text(encoding="utf-8"))
    bob, teacher = users["bob"], users["teacher"]
    time.sleep(1)  # nbgrader's times have whole seconds
    bob.assignments("submit", ASSIGNMENT)  # the same once more: its secret is a new one
    anna = users["anna"]
    edit(anna, lambda content: answers(content, source, only=("none",)))
    anna.assignments("submit", ASSIGNMENT)
    said = teacher.terminal(
        f"cd course && {sys.executable} -m nbgrader collect --update {ASSIGNMENT}"
        f" && {sys.executable} -m course_utils.instructors.assignments grade {ASSIGNMENT}"
        f" && {sys.executable} -m nbgrader release_feedback {ASSIGNMENT}"
    )
    assert "Updating submission: bob" in said, said
    for user in (anna, bob):
        user.assignments("fetch_feedback", ASSIGNMENT)
        folder = user.home / "course" / "notebooks" / "exercises" / ASSIGNMENT / "feedback"
        assert len(list(folder.glob("*/signals.html"))) == 2, user.name
