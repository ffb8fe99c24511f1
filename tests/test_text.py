"""Links, numbers of chapters, spelling and style, offline."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import unquote, urlsplit

import nbformat
import pytest

ROOT = Path(__file__).resolve().parent.parent
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)[^)]*\)|(?:src|href)=\"([^\"]+)\"")
PAGES = [*ROOT.glob("*.md"), *ROOT.glob("data/**/*.md"), *ROOT.glob("notebooks/**/*.ipynb")]


def prose(path: Path) -> str:
    """Return the text of a page, without code."""
    if path.suffix == ".md":
        text = path.read_text(encoding="utf-8")
    else:
        cells = nbformat.read(path, as_version=4).cells
        text = "\n\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    return re.sub(r"```.*?```|`[^`\n]*`", "", text, flags=re.S)


def anchors(path: Path) -> set[str]:
    headings = re.findall(r"^#+ (.*)$", prose(path), flags=re.M)
    if path.suffix == ".ipynb":
        return {heading.strip().replace(" ", "-") for heading in headings}
    cleaned = (re.sub(r"[^\w\- ]", "", heading.strip().lower()) for heading in headings)
    return {heading.replace(" ", "-") for heading in cleaned}


def broken_links(path: Path, text: str) -> list[str]:
    """Return the links that lead nowhere, as far as can be known without a network."""
    broken = []
    for match in LINK.finditer(text):
        link = match[1] or match[2]
        parts = urlsplit(link)
        if parts.scheme in ("http", "https"):
            if not re.fullmatch(r"[\w-]+(\.[\w-]+)+", parts.netloc):
                broken.append(link)
        elif parts.scheme not in ("mailto", "data"):
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            if not target.exists():
                broken.append(link)
            elif parts.fragment and unquote(parts.fragment) not in anchors(target):
                broken.append(link)
    return broken


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_links(path):
    assert broken_links(path, prose(path)) == []


def test_a_broken_link_is_found():
    path = ROOT / "README.md"
    for link in ("missing.md", "README.md#no-such-heading", "https:///nowhere", "#no-such"):
        assert broken_links(path, f"see [this]({link})") == [link]
    assert broken_links(path, "see [this](LICENSE) and [that](https://example.org/a)") == []


# ---------------------------------------------------------------- numbers of chapters

CHAPTERS = sorted((ROOT / "notebooks").glob("[0-9][0-9]_*.ipynb"))
SOURCES = [path for top in ("course_utils", "data", "tests") for path in (ROOT / top).rglob("*.py")]
OLD_NAMES = re.compile(
    r"\b(02_mfcc|03_baselines|04_cnn|05_rnn|06_loss_and_gradients|07_digit_strings|11_deployment)"
)
NUMBERS = re.compile(r"[Cc]hapters? (\d+(?:(?:, and | and |, | to )\d+)*)")


def numbers(text: str) -> set[int]:
    """Return the chapters that a text names: ``chapters 03, 05 and 12 to 14``."""
    found = set()
    for match in NUMBERS.finditer(text):
        for first, last in re.findall(r"(\d+)(?: to (\d+))?", match[1]):
            found |= set(range(int(first), int(last or first) + 1))
    return found


def wrong_numbers(path: Path, text: str, syllabus: dict[int, str]) -> list[str]:
    """Say which numbers of chapters in the text of a page or a module are wrong."""
    found = [f"the old name {name}" for name in OLD_NAMES.findall(text)]
    found += [f"no chapter {number}" for number in sorted(numbers(text) - set(syllabus))]
    for number, title, link in re.findall(r"\[(\d+) · ([^\]]+)\]\(([^)#]+\.ipynb)", text):
        target = path.parent / unquote(link)
        if target.exists() and (int(number), title) not in (heading(target), short(target)):
            found.append(f"“{number} · {title}” leads to {heading(target)}")
    for number, link in re.findall(
        r"^\| (\d\d) \| \[[^\]]+\]\(notebooks/(\d\d)_", text, flags=re.M
    ):
        if number != link:
            found.append(f"the row {number} leads to chapter {link}")
    own = re.match(r"(\d\d)_.*\.ipynb", path.name)
    for number in re.findall(r"^#+ (\d+)(?: ·|\.\d)", text, flags=re.M) if own else ():
        if int(number) != int(own[1]):
            found.append(f"a heading of chapter {number}")
    return found


def wrong_subjects(source: str, name: str, chapters: dict[int, str]) -> list[str]:
    """Say which chapters a module names, ``(chapter 03)``, though they use nothing of it.

    In parentheses stands where a thing is used; where an idea comes from is said in words.
    """
    tree, found = ast.parse(source), []
    listed = re.search(r"^__all__ = \[(.*?)\]", source, flags=re.M | re.S)
    distinct = re.findall(r'"(\w*[A-Z_]\w*)"', listed[1] if listed else "")
    uses = rf"course_utils\S* import (\([^)]*|[^\n]*)\b{name}\b|course_utils\.(\w+\.)*{name}\b"
    uses = re.compile("|".join([uses, *(rf"\b{word}\b" for word in distinct)]))
    for node in [tree, *tree.body]:
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef)):
            opening = (ast.get_docstring(node) or "").partition("\n\n")[0]
            for said in re.findall(r"\([^()]*chapters? \d[^()]*\)", opening):
                for number in sorted(numbers(said) & set(chapters)):
                    if not uses.search(chapters[number]):
                        found.append(f"chapter {number} uses nothing of {name}: {said}")
    return found


def heading(path: Path) -> tuple[int, str]:
    """Return number and title of a chapter, as its first heading has them."""
    number, title = re.search(r"^# (\d+) · (.*)$", prose(path), flags=re.M).groups()
    return int(number), title


def short(path: Path) -> tuple[int, str]:
    number, title = heading(path)
    return number, title.partition(":")[0]


@pytest.fixture(scope="module")
def syllabus() -> dict[int, str]:
    """Titles of the chapters by number, as the README has them."""
    rows = re.findall(r"^\| (\d\d) \| \[?([^\]|]+)", prose(ROOT / "README.md"), flags=re.M)
    return {int(number): title.strip() for number, title in rows}


@pytest.fixture(scope="module")
def chapters() -> dict[int, str]:
    """Prose and code of the chapters that are there, by number."""
    texts = {}
    for path in CHAPTERS:
        cells = nbformat.read(path, as_version=4).cells
        texts[int(path.name[:2])] = "\n".join(cell.source for cell in cells)
    return texts


def test_every_number_of_a_chapter_is_one_of_the_syllabus(syllabus):
    wrong = {}
    for path in [*PAGES, *SOURCES]:
        if path.name not in ("CHANGES.md", "test_text.py"):
            text = prose(path) if path.suffix != ".py" else path.read_text(encoding="utf-8")
            if found := wrong_numbers(path, text, syllabus):
                wrong[str(path.relative_to(ROOT))] = found
    assert wrong == {}


def test_a_module_names_the_chapters_that_use_it(chapters):
    wrong = []
    for path in (
        *(ROOT / "course_utils").glob("*.py"),
        *(ROOT / "course_utils/serving").glob("*.py"),
    ):
        name = path.stem if path.stem != "__init__" else path.parent.name
        wrong += wrong_subjects(path.read_text(encoding="utf-8"), name, chapters)
    assert wrong == []


# ---------------------------------------------------------------- the map of the course


def wrong_map(page: str) -> list[str]:
    """Say which rows of the map in chapter 00 show something else than what is there."""
    rows = [line.split("|")[1:-1] for line in page.splitlines() if re.match(r"\| \d\d \|", line)]
    rows = [(cells[0].strip(), cells[1], cells[-1]) for cells in rows]
    there, shown = {path.name[:2]: path.name for path in CHAPTERS}, {row[0] for row in rows}
    found = [f"no row for chapter {n:02d}" for n in range(16) if f"{n:02d}" not in shown]
    for number, title, assignment in rows:
        if number == "00":
            continue
        if number not in there and ("planned" not in title or "](" in title + assignment):
            found.append(f"chapter {number} is planned")
        if number in there and f"]({there[number]})" not in title:
            found.append(f"chapter {number} has no link")
        folder = ROOT / "notebooks" / "exercises" / Path(there.get(number, "none")).stem
        for exercise in folder.glob("*.ipynb"):
            if f"]({exercise.relative_to(ROOT / 'notebooks').as_posix()})" not in assignment:
                found.append(f"assignment {number} has no link")
    return found


def test_the_map_shows_what_is_there():
    page = prose(ROOT / "notebooks" / "00_start_here.ipynb")
    assert wrong_map(page) == []
    for old, new, wrong in (
        ("| 01 |", "| |", "no row for chapter 01"),
        ("](03_mfcc.ipynb)", "](03)", "chapter 03 has no link"),
        ("](exercises/04_baselines/", "](", "assignment 04 has no link"),
        ("](15_adapt.ipynb)", "](15)", "chapter 15 has no link"),
    ):
        assert any(wrong in problem for problem in wrong_map(page.replace(old, new))), old


def test_an_old_number_is_found(syllabus, chapters):
    page = ROOT / "notebooks" / "03_mfcc.ipynb"
    number, title = heading(page)
    assert (
        wrong_numbers(page, f"# {number} · {title}\n## 3.1 See chapters 04 and 05", syllabus) == []
    )
    for text in (
        "see notebooks/exercises/02_mfcc",
        "as in chapters 05 and 16",
        f"[2 · {title}](03_mfcc.ipynb)",
        f"[{number} · Baselines](03_mfcc.ipynb)",
        "| 02 | [MFCC](notebooks/03_mfcc.ipynb) | 60 min |",
        "# 2 · MFCC",
        "## 2.4 The mel scale",
    ):
        assert len(wrong_numbers(page, text, syllabus)) == 1, text
    source = (ROOT / "course_utils" / "ctc.py").read_text(encoding="utf-8")
    assert wrong_subjects(source, "ctc", chapters) == []
    assert wrong_subjects(source.replace("(chapter 08)", "(chapter 07)"), "ctc", chapters)


# instructors
def test_each_promise_to_instructors_names_tests_that_exist():
    text = (ROOT / "INSTRUCTORS.md").read_text(encoding="utf-8")
    promises = re.search(r"^\| promise \|.*?\n\n", text, re.M | re.S)[0].strip().splitlines()[2:]
    tests = {
        name
        for path in (ROOT / "tests").rglob("test_*.py")
        for name in re.findall(r"^def (test_\w+)", path.read_text(encoding="utf-8"), re.M)
    }
    assert len(promises) >= 10
    for promise in promises:
        named = re.findall(r"`(test_\w+)`", promise)
        assert named and set(named) <= tests, promise


# ---------------------------------------------------------------- the picture of the architecture


def rooms_of(picture: str) -> tuple[dict[str, str], dict[str, set[str]]]:
    """Read a Mermaid flow chart: the room of each module, and the rooms below each room."""
    labels = dict(re.findall(r'(\w+)\["([^"]+)"\]', picture))
    bare = re.sub(r'\["[^"]+"\]', "", picture)
    arrows = set(re.findall(r"^ *(\w+) --> (\w+)$", bare, flags=re.M))
    below = {room: {room} for room in labels}
    for _ in labels:
        for upper, lower in arrows:
            below[upper] |= below[lower]
    return {m.strip("/"): room for room in labels for m in labels[room].split(" · ")}, below


def imports_against(picture: str) -> list[str]:
    """Say which imports in the package and the chapters go along no arrow of a picture."""
    room, below = rooms_of(picture)
    found = []
    package = ROOT / "course_utils"
    for path in [*package.rglob("*.py"), *CHAPTERS]:
        parts = path.relative_to(package).parts if path.suffix == ".py" else ("notebooks",)
        name = parts[0].removesuffix(".py")
        if name == "__init__":
            continue
        source = path.read_text(encoding="utf-8")
        used = re.findall(r"\bcourse_utils\.(\w+)[\w.]* import|import course_utils\.(\w+)", source)
        used = {first or second for first, second in used}
        for listed in re.findall(r"from course_utils import ([\w, ]+)", source):
            used |= set(re.findall(r"\w+", listed))
        for other in sorted(used):
            if room.get(other) not in below.get(room.get(name), ()):
                found.append(f"{'/'.join(parts)} imports {other}")
    return found


def test_the_picture_of_the_architecture_is_what_is_imported():
    page = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    (picture,) = re.findall(r"```mermaid\n(.*?)```", page, flags=re.S)
    assert imports_against(picture) == []
    room, below = rooms_of(picture)
    names = {path.stem for path in (ROOT / "course_utils").glob("*.py")} - {"__init__"}
    assert set(room) == names | {
        "lessons", "serving", "instructors", "setup", "site", "notebooks",
    }  # fmt: skip
    for upper, rooms in below.items():
        assert not any(upper in below[lower] for lower in rooms - {upper}), "no arrow leads up"
    for arrow, missed in {
        "sound --> setup": "corpora.py imports setup",
        "strings --> networks": "ctc.py imports training",
        "notebooks --> measured": "notebooks imports metrics",
    }.items():
        assert missed in imports_against(picture.replace(arrow, arrow.partition("> ")[2]))


# /instructors
# ---------------------------------------------------------------- spelling and style


def spell(*paths: Path | str) -> subprocess.CompletedProcess:
    command = [sys.executable, "-m", "codespell_lib", "--toml", "pyproject.toml"]
    return subprocess.run([*command, *paths], cwd=ROOT, capture_output=True, text=True)


def test_spelling():
    result = spell()
    assert result.returncode == 0, result.stdout + result.stderr


def test_a_spelling_mistake_is_found(tmp_path):
    (tmp_path / "page.md").write_text("The recogniser reci" + "eves a sound.")
    assert spell(tmp_path / "page.md").returncode != 0


@pytest.mark.parametrize("command", ["ruff check .", "ruff format --check .", "mypy"])
def test_style(command):
    result = subprocess.run(
        [sys.executable, "-m", *command.split()], cwd=ROOT, capture_output=True, text=True
    )
    assert result.returncode == 0, result.stdout + result.stderr


def test_the_readme_says_what_was_measured():
    rows = json.loads((ROOT / "data" / "results.json").read_text(encoding="utf-8"))
    table = re.findall(
        r"^\| `?([\w ]+)`?, (.+?) \| \d\d \| ([\d,]+) \| ([\d.]+) % \| ([\d.]+) % \|$",
        (ROOT / "README.md").read_text(encoding="utf-8"),
        flags=re.M,
    )
    assert len(table) == 7
    for model, what, weights, known, new in table:
        metric = "wer" if "word error rate" in what else "accuracy"
        model += ", composed strings alone" if "composed" in what else ""
        for split, shown in (("official", known), ("unknown speaker, mean of six", new)):
            kind = ""
            if "eight bits" in what:
                kind = ", int8, features in" if split == "official" else ", int8 file"
            wanted = (model + kind, "fsdd", split, metric)
            keys = ("model", "corpus", "split", "metric")
            (row,) = [r for r in rows if tuple(r[key] for key in keys) == wanted]
            assert shown == f"{100 * row['value']:.1f}", (model, split)
            assert weights == f"{row['parameters']:,}" or split != "official", model
            size = re.search(r"(\d+) kB", what)
            assert not size or size[1] == f"{row['size_bytes'] / 1000:.0f}"
    breath = {
        row["model"]: f"{100 * row['value']:.1f} %"
        for row in rows
        if (row["split"], row["metric"]) == ("test voices, all engines", "wer, ordinary")
    }
    ours, whisper, sphinx = re.search(  # type: ignore[union-attr]
        r"it gets ([\d.]+ %) wrong; Whisper tiny.en gets ([\d.]+ %) wrong, .*?, ([\d.]+ %)\.",
        (ROOT / "README.md").read_text(encoding="utf-8"),
    ).groups()
    assert ours == breath["connected_digit_network"] and whisper == breath["Whisper tiny.en"]
    assert sphinx == breath["pocketsphinx, grammar of digits"]
