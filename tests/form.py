"""What the form of a chapter holds: its time, questions, claims, links.

``python -m tests.form [notebook …]`` lists for each chapter how its minutes are counted, and what
is missing; `test_notebooks.py` asks for an empty list, and proves that each guard can fail.
"""

from __future__ import annotations

import json
import re
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
NOTEBOOKS = ROOT / "notebooks"
WORDS_A_MINUTE, LINES_A_MINUTE, EXPLORER_MINUTES = 200, 15, 5
LONGEST_MINUTES = 90
LONGEST_CELL = 25  # lines of code that a reader sees
ASSERTING_SHARE = 1 / 5  # of the code cells that a reader sees
NOT_COUNTED = ("## Going further", "## Quiz", "## Exercises", "## Further reading")
TIME = re.compile(r"\*\*Time\*\* about (\d+) minutes; runs in under (\d+) s")
FOLDED = re.compile(r"<details>.*?</details>", flags=re.S)
HOLDS = re.compile(r"# holds: ([\w, -]+)")
HELD = re.compile(r"(?:<!-- |# )held by: ([\w, -]+?)(?: -->|$)", flags=re.M)
NO_RESULT = re.compile(r"<!-- no result -->|# no result")


@dataclass
class Cell:
    """A cell, with the heading of its section."""

    code: bool
    source: str
    hidden: bool
    section: str


def read(path: Path) -> list[Cell]:
    """Return the cells of a notebook that hold anything."""
    found, section = [], ""
    for cell in json.loads(path.read_text("utf-8"))["cells"]:
        source, code = "".join(cell["source"]), cell["cell_type"] == "code"
        hidden = bool(cell["metadata"].get("jupyter", {}).get("source_hidden"))
        for part in [source] if code else re.split(r"(?m)^(?=## )", source):
            if not code and part.startswith("## "):
                section = part.splitlines()[0]
            if part.strip():
                found.append(Cell(code, part, hidden, section))
    return found


# ---------------------------------------------------------------- its time


@dataclass
class Minutes:
    """What a chapter's time is made of."""

    words: int
    lines: int
    explorers: int

    @property
    def total(self) -> int:
        """Return the minutes, to the nearest five."""
        minutes = self.words / WORDS_A_MINUTE + self.lines / LINES_A_MINUTE
        return 5 * round((minutes + EXPLORER_MINUTES * self.explorers) / 5)


def minutes(cells: list[Cell]) -> Minutes:
    """Count what a student reads: not what is folded or collapsed, and not the exercises."""
    counted = [cell for cell in cells if not cell.section.startswith(NOT_COUNTED)]
    prose = " ".join(FOLDED.sub("", cell.source) for cell in counted if not cell.code)
    prose = re.sub(r"\$\$.*?\$\$|\$[^$]*\$", "formula", prose, flags=re.S)
    prose = re.sub(r"```.*?```|<!--.*?-->", "", prose, flags=re.S)
    seen = [cell for cell in counted if cell.code and not cell.hidden]
    lines = sum(bool(line.strip()) for cell in seen for line in cell.source.splitlines())
    explorers = sum(len(re.findall(r"\bexplore\(", cell.source)) for cell in counted if cell.code)
    return Minutes(len(prose.split()), lines, explorers)


def wrong_time(cells: list[Cell]) -> list[str]:
    """Say whether the stated time is another than the counted one."""
    stated = TIME.search(cells[0].source)
    if not stated:
        return ["the opening says no time: “**Time** about N minutes; runs in under M s”"]
    counted = minutes(cells).total
    found = [f"{counted} minutes, over {LONGEST_MINUTES}"] if counted > LONGEST_MINUTES else []
    if int(stated[1]) != counted:
        found.append(f"it says {stated[1]} minutes, counted are {counted}")
    return found


# ---------------------------------------------------------------- its questions


def details(source: str) -> list[tuple[str, str]]:
    """Return (summary, what is folded) of each ``<details>``."""
    pattern = r"<details>\s*<summary>(.*?)</summary>(.*?)</details>"
    return [(s.strip(), text.strip()) for s, text in re.findall(pattern, source, flags=re.S)]


def wrong_quiz(cells: list[Cell]) -> list[str]:
    """Say what is wrong with the quiz: three questions, one right answer, a reason for each."""
    quiz = "\n".join(c.source for c in cells if c.section == "## Quiz" and not c.code)
    questions = re.split(r"(?m)^(?=\*\*\d+\.\*\*)", quiz)[1:]
    found = [] if len(questions) >= 3 else [f"a quiz of {len(questions)} questions, not three"]
    for number, question in enumerate(questions, start=1):
        options = details(question)
        right = [text for _, text in options if text.startswith("Yes")]
        wrong = [text for _, text in options if text.startswith("No")]
        if len(options) < 3 or len(right) != 1 or len(right) + len(wrong) != len(options):
            found.append(f"question {number} of the quiz: three options, one “Yes”, others “No”")
        if any(len(text.split()) < 6 for _, text in options):
            found.append(f"question {number} of the quiz: an option without its reason")
    return found


def wrong_questions(cells: list[Cell], first: bool) -> list[str]:
    """Say which predictions, gaps, folded answers, hints or solutions are missing."""
    code = "\n".join(cell.source for cell in cells if cell.code)
    found = []
    asked = re.findall(r"^(\w+) = (?:lessons\.)?predict\(", code, flags=re.M)
    if len(asked) < 2:
        found.append(f"{len(asked)} predictions, not two or more")
    found += [f"{name} is never compared" for name in asked if f"{name}.compare(" not in code]
    gaps = len(re.findall(r"\bcheck_gap\(", code))
    if gaps < 2 and not first:
        found.append(f"{gaps} gaps to fill, not two or three")
    for index, cell in enumerate(cells):
        if cell.code and re.search(r"\bexplore\(", cell.source):
            later = next((c.source for c in cells[index + 1 :] if not c.code), "")
            if "<details>" not in later:
                title = re.search(r"explore\(\s*\w+,\s*f?\"(.*?)\"", cell.source, flags=re.S)
                found.append(f"no folded answer after {title[1] if title else 'an explorer'}")
    exercises = "\n".join(c.source for c in cells if c.section == "## Exercises")
    folded = [summary for summary, _ in details(exercises)]
    for what in ("Hint", "Solution"):
        if not any(summary.startswith(what) for summary in folded):
            found.append(f"no exercise has a folded {what.lower()}")
    return found


# ---------------------------------------------------------------- its claims


def wrong_claims(cells: list[Cell]) -> list[str]:
    """Say which result of the summary or of a figure is tied to no assertion.

    ``# holds: name`` stands in a code cell with an assertion; ``<!-- held by: name -->`` behind a
    point of the summary, ``# held by: name`` in the cell of a figure. What states no result says
    so: ``<!-- no result -->``, ``# no result``.
    """
    held, found = {}, []
    for cell in cells:
        for names in HOLDS.findall(cell.source) if cell.code else ():
            for name in names.split(","):
                held[name.strip()] = cell
                if not re.search(r"^\s*(assert\b|np\.testing\.)", cell.source, flags=re.M):
                    found.append(f"“{name.strip()}” stands in a cell that asserts nothing")
    summary = "\n".join(c.source for c in cells if c.section == "## Summary" and not c.code)
    points = re.split(r"(?m)^- ", summary)[1:]
    if not points:
        found.append("the summary has no points")
    figures = [
        cell.source for cell in cells if cell.code and re.search(r"\bshow\(", cell.source)
    ]  # fmt: skip
    for text in [*points, *figures]:
        names = [name.strip() for group in HELD.findall(text) for name in group.split(",")]
        found += [f"nothing holds “{name}”" for name in names if name not in held]
        if not names and not NO_RESULT.search(text):
            place = "figure" if text in figures else "summary"
            found.append(f"{place}: “{' '.join(text.split())[:60]}…” is held by nothing")
    return found


# ---------------------------------------------------------------- its cells and links


def wrong_cells(cells: list[Cell]) -> list[str]:
    """Say which cells are too long to teach, and whether too many of them assert."""
    seen = [cell for cell in cells if cell.code and not cell.hidden]
    asserting = [c for c in seen if re.search(r"^\s*(assert\b|np\.testing\.)", c.source, re.M)]
    found = []
    if len(asserting) > ASSERTING_SHARE * len(seen):
        found.append(f"{len(asserting)} of {len(seen)} visible code cells assert, over a fifth")
    for cell in seen:
        if cell.source.count("\n") >= LONGEST_CELL:
            start = cell.source.splitlines()[0]
            found.append(f"a visible cell of {cell.source.count(chr(10)) + 1} lines: {start}")
    return found


def wrong_links(cells: list[Cell], path: Path) -> list[str]:
    """Say which link of the opening is missing: before, next, map, assignment."""
    chapters = sorted(NOTEBOOKS.glob("[0-9][0-9]_*.ipynb"))
    place = chapters.index(path)
    wanted = [chapter.name for chapter in chapters[max(0, place - 1) : place + 2]]
    wanted += [
        assignment.relative_to(NOTEBOOKS).as_posix()
        for assignment in sorted((NOTEBOOKS / "exercises" / path.stem).glob("*.ipynb"))
    ]
    wanted = [name for name in wanted if name != path.name]
    if place:
        wanted.append("00_start_here.ipynb#")
    opening = cells[0].source
    return [f"the opening has no link to {link}" for link in wanted if f"({link}" not in opening]


def problems(path: Path) -> list[str]:
    """Say what is wrong with the form of a chapter; an empty list is a pass."""
    cells = read(path)
    first = path.name.startswith("00")
    return [
        *wrong_time(cells),
        *wrong_quiz(cells),
        *wrong_questions(cells, first),
        *wrong_claims(cells),
        *wrong_cells(cells),
        *wrong_links(cells, path),
    ]


if __name__ == "__main__":
    named = [Path(name).resolve() for name in sys.argv[1:]]
    for chapter in named or sorted(NOTEBOOKS.glob("[0-9][0-9]_*.ipynb")):
        counted = minutes(read(chapter))
        print(f"{chapter.name}: {counted.total} minutes, {counted}")
        for problem in problems(chapter):
            print(f"  {problem}")
