"""What a class found hard: `make grade` writes build/class-report.html (INSTRUCTORS.md).

For each part of each hidden test it says how many passed, and which wrong answers were the
commonest. It names nobody, and shows no text that a student wrote: of what a test says, only
the words that stand in the test, and numbers.
"""

import ast
import builtins
import html
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from statistics import median, quantiles

from course_utils.files import written_whole
from course_utils.instructors.cells import grade_id, read_notebook, role, source_of
from course_utils.instructors.submissions import folder_name, timestamp_of

__all__ = ["Part", "common_reasons", "minutes_taken", "parts_of", "shown_reason", "write_report"]

ANSWERED = ("graded", "grade by hand")
LINE = re.compile(r"(✅|❌) [\d.]+ of ([\d.]+): (.*)")
# What `examination` and `proxies` say by themselves, and how the report says it
OWN_WORDS = (
    "not answered",
    "it ran for more than",
    "not tried",
    "not run, because",
    "stopped, because",
    "Python ended",
    "the result is not what was expected",
)
NOT_PLAIN = "it gave back what is no plain data"
ANOTHER = "another reason"
NUMBERS = re.compile(r"(?:[-+−]?(?:\d[\d.,]*(?:[eE][-+]?\d+)?|nan|inf)|[\s.,:;()\[\]×·])*")
MOST_REASONS = 3


class Part:
    """One part of a hidden test: what it tries, its points, and why answers lost them."""

    def __init__(self, task: str, what: str, points: str):
        self.task, self.what, self.points = task, what, points
        self.tried = self.passed = 0
        self.reasons: list[tuple[str, str]] = []  # as shown, and its pattern

    def __repr__(self) -> str:
        return f"{self.task}, {self.what}: {self.passed} of {self.tried}"


def _template(node: ast.expr) -> list[str] | None:
    """Return the words of a text in a test, between what is filled in; None if it is no text."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return [node.value]
    if not isinstance(node, ast.JoinedStr):
        return None
    words = [""]
    for value in node.values:
        if isinstance(value, ast.Constant):
            words[-1] += str(value.value)
        else:
            words.append("")
    return words


def _pattern(words: list[str]) -> re.Pattern:
    """Return what a text looks like when it is printed in one line."""
    flat = [re.escape(re.sub(r"\s+", " ", part)) for part in words]
    return re.compile("(.*?)".join(flat), re.S)


class Texts:
    """The texts of a hidden test: what its parts try, and what its assertions say."""

    def __init__(self, source: str):
        self.parts: list[re.Pattern] = []
        self.messages: list[tuple[list[str], re.Pattern]] = []
        self.words: set[str] = set()
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                self.words.add(node.value)
            if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "part":
                words = _template(node.args[1]) if len(node.args) > 1 else None
                if words:
                    self.parts.append(_pattern(words))
            if isinstance(node, ast.Assert) and node.msg is not None:
                words = _template(node.msg)
                if words and "".join(words).strip(" :,."):
                    self.messages.append((words, _pattern(words)))
        # what fills in least is the best match
        self.messages.sort(key=lambda entry: (len(entry[0]), -len("".join(entry[0]))))

    def split(self, text: str, failed: bool) -> tuple[str, str]:
        """Take apart what a part tries and why it failed."""
        for pattern in self.parts:
            found = pattern.fullmatch(text) if not failed else None
            if found:
                return text, ""
            found = re.match(f"({pattern.pattern})\\. (.*)", text, re.S) if failed else None
            if found:
                return found[1], found[found.re.groups]
        what, _, reason = text.partition(". ") if failed else (text, "", "")
        return what, reason


def shown_reason(reason: str, texts: Texts) -> tuple[str, str]:
    """Return a reason as the report may show it, and the pattern that equal ones share.

    What is filled into a message may be text that a student wrote. It is shown if it is a
    number, or a text that stands in the test; otherwise there are three dots.
    """
    for words, pattern in texts.messages:
        found = pattern.fullmatch(reason)
        if found:
            filled = [
                value if NUMBERS.fullmatch(value) or value in texts.words else "…"
                for value in found.groups()
            ]
            pairs = zip(words, [*filled, ""])
            return "".join(part + value for part, value in pairs), "…".join(words)
    for known in OWN_WORDS:
        if reason.startswith(known):
            first = reason.partition(":")[0]
            shown = first if len(first) < 80 else known
            return shown, shown
    kind = re.match(r"(\w+)(?::|$)", reason)
    if kind and isinstance(getattr(builtins, kind[1], None), type):
        return f"the answer raised {kind[1]}", kind[1]
    if " returned " in reason and "NumPy arrays" in reason:
        return NOT_PLAIN, NOT_PLAIN
    return ANOTHER, ANOTHER


def _lines(cell: dict) -> Iterator[tuple[bool, str, str]]:
    """Return what a test printed: whether a part passed, its points, and the rest of the line."""
    for output in cell.get("outputs", []):
        text = output.get("text", "") if output.get("output_type") == "stream" else ""
        for line in ("".join(text) if isinstance(text, list) else str(text)).splitlines():
            if found := LINE.fullmatch(line.strip()):
                yield found[1] == "✅", found[2], found[3]


def parts_of(source: dict, graded: Iterable[dict]) -> list[Part]:
    """Return the parts of all tests of an assignment, with how its graded notebooks did.

    Parameters
    ----------
    source : the assignment with its hidden tests
    graded : what nbgrader's autograder made of the submissions
    """
    tests = {grade_id(cell): cell for cell in source["cells"] if role(cell) == "test"}
    texts = {name: Texts(source_of(cell)) for name, cell in tests.items()}
    parts: dict[tuple[str, str], Part] = {}
    for notebook in graded:
        for cell in notebook["cells"]:
            name = grade_id(cell)
            if name not in texts:
                continue
            for passed, points, text in _lines(cell):
                what, reason = texts[name].split(text, not passed)
                task = str(name).removesuffix("-test")
                part = parts.setdefault((task, what), Part(task, what, points))
                part.tried += 1
                part.passed += passed
                if not passed:
                    part.reasons.append(shown_reason(reason, texts[name]))
    order = [str(name).removesuffix("-test") for name in tests]
    return sorted(parts.values(), key=lambda part: order.index(part.task))


def common_reasons(part: Part) -> list[tuple[int, str]]:
    """Return the commonest reasons why a part was lost, each with how many it stopped.

    Answers that failed alike but for their numbers are one reason; the numbers are shown if
    two of them agree.
    """
    found = []
    patterns = Counter(pattern for _, pattern in part.reasons)
    for pattern, count in sorted(patterns.items(), key=lambda entry: (-entry[1], entry[0])):
        texts = Counter(shown for shown, own in part.reasons if own == pattern)
        text, agree = max(texts.items(), key=lambda entry: (entry[1], entry[0]))
        if agree < 2 and count > 1:
            text = pattern
        elif 1 < agree < count:
            text = f"{text} ({agree} times; else with other values)"
        found.append((count, text))
    return found


def minutes_taken(folder: Path) -> float | None:
    """Return the minutes from fetching an assignment to handing it in, if both are known."""
    times = [timestamp_of(folder, name)[0] for name in ("fetched.txt", "timestamp.txt")]
    if None in times:
        return None
    first, last = (datetime.strptime(str(time), "%Y-%m-%d %H:%M:%S UTC") for time in times)
    minutes = (last - first).total_seconds() / 60
    return minutes if minutes >= 0 else None


def _number(value: object) -> float | None:
    """Return an entry of the table as a number, if it is one: somebody may have changed it."""
    try:
        return float(str(value).replace(",", "."))
    except ValueError:
        return None


def _spread(values: list[float], unit: str) -> str:
    """Return the middle of some numbers, and between which two half of them lie."""
    if len(values) < 4:
        return f"{median(values):.3g} {unit} in the middle"
    low, _, high = quantiles(values, method="inclusive")
    return f"{median(values):.3g} {unit} in the middle, half of them from {low:.3g} to {high:.3g}"


def _assignment(root: Path, assignment: str, rows: list[dict]) -> str:
    """Return the section on one assignment."""
    file = f"{assignment.partition('_')[2]}.ipynb"
    handed_in = [row for row in rows if row["status"] != "missing"]
    counts = Counter(row["status"] for row in rows)
    told = ", ".join(f"{number} {status}" for status, number in sorted(counts.items()))
    page = [f"<h2>{html.escape(assignment)}</h2>"]
    page.append(f"<p>{len(handed_in)} handed in: {html.escape(told)}.</p>")
    graded, points, minutes, most = [], [], [], 0.0
    for row in handed_in:
        folder = folder_name(row["student"])
        path = root / "build" / "autograded" / folder / assignment / file
        if row["status"] in ANSWERED and path.is_file():
            graded.append(read_notebook(path))
            points.append(_number(row["score"]) or 0)
            most = max(most, _number(row["of"]) or 0)
        taken = minutes_taken(root / "build" / "submitted" / row["student"] / assignment)
        minutes += [] if taken is None else [taken]
    if not graded:
        return "\n".join([*page, "<p>Nothing in it could be graded.</p>"])
    source = root / "notebooks" / "exercises" / assignment / file
    page.append(f"<p>Points of {most:g}: {_spread(points, 'points')}.</p>")
    if minutes:
        known = f"known of {len(minutes)} of {len(handed_in)}"
        page.append(f"<p>From fetching to handing in ({known}): {_spread(minutes, 'min')}.</p>")
    else:
        page.append("<p>When it was fetched is not known.</p>")
    page.append(
        "<table><thead><tr><th>task</th><th>part of the test</th><th>points</th>"
        "<th>passed</th><th>the commonest reasons for losing it</th></tr></thead><tbody>"
    )
    for part in parts_of(read_notebook(source), graded):
        reasons = common_reasons(part)
        cells = [f"{count} × {html.escape(text)}" for count, text in reasons[:MOST_REASONS]]
        if rest := sum(count for count, _ in reasons[MOST_REASONS:]):
            cells.append(f"{rest} × other reasons")
        share = round(100 * part.passed / part.tried)
        page.append(
            f"<tr><td>{html.escape(part.task)}</td><td>{html.escape(part.what)}</td>"
            f"<td>{part.points}</td><td class='share' style='--share: {share}%'>"
            f"{part.passed} of {part.tried}</td><td>{'<br>'.join(cells)}</td></tr>"
        )
    return "\n".join([*page, "</tbody></table>"])


STYLE = """
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 70rem; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; width: 100%; }
th, td { border-bottom: 1px solid #8888; padding: .3rem .6rem; text-align: left; vertical-align: top; }
.share { white-space: nowrap;
  background: linear-gradient(to right, #2a78d655 var(--share), transparent var(--share)); }
"""  # noqa: E501


def write_report(root: Path, rows: Iterable[dict]) -> Path | None:
    """Write build/class-report.html from the rows of grades.csv; nothing if there are none."""
    known = {path.parent.name for path in (root / "notebooks" / "exercises").glob("*/*.ipynb")}
    by_assignment: dict[str, list[dict]] = {}
    for row in rows:
        if row["assignment"] in known:
            by_assignment.setdefault(row["assignment"], []).append(row)
    if not by_assignment:
        return None
    sections = [_assignment(root, name, found) for name, found in sorted(by_assignment.items())]
    target = root / "build" / "class-report.html"
    page = (
        "<!doctype html><html lang='en'><head><meta charset='utf-8'><title>The class</title>"
        f"<style>{STYLE}</style></head><body><h1>What the class found hard</h1>\n"
        "<p>Each part of each hidden test: how many passed it, and what stopped the others. "
        "Untouched submissions are not counted in the tables. Nobody is named, and nothing is "
        "shown that a student wrote; three dots stand in its place.</p>\n"
        + "\n".join(sections)
        + "</body></html>\n"
    )
    with written_whole(target) as unfinished:
        unfinished.write_text(page, encoding="utf-8")
    return target
