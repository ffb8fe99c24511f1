"""What `make grade` remembers: the table for people, and a record that tells if it was changed.

build/grades.csv is for a spreadsheet. What grading itself goes on from is build/records.json:
the rows as they were written, and of each graded submission what it was graded from and the
points of its tests. It is signed with a key of this user, so that a row, a graded notebook or
a score that somebody else has changed meanwhile is noticed, and said in the remarks.
"""

import csv
import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Iterable
from pathlib import Path

from course_utils.files import written_whole
from course_utils.instructors.feedback import clean_text

__all__ = ["COLUMNS", "Records", "close_folders", "spreadsheet_row"]

COLUMNS = (
    "student", "assignment", "status", "score", "of", "by_hand", "tasks", "sandbox", "remarks"
)  # fmt: skip
FORMULA = ("=", "+", "-", "@", "\t", "\r")
ELSEWHERE = "kept from another machine or user: not checked for changes"


def spreadsheet_row(row: dict) -> dict[str, str]:
    """Return a row as the table has it: text that no spreadsheet takes for a formula."""
    values = {name: row.get(name, "") for name in COLUMNS}
    texts = {
        name: f"{value:g}" if isinstance(value, float) else str(value)
        for name, value in values.items()
    }
    texts = {name: " ".join(clean_text(text, 5000).split()) for name, text in texts.items()}
    return {name: f"'{text}" if text.startswith(FORMULA) else text for name, text in texts.items()}


def close_folders(build: Path) -> None:
    """Let nobody else who has an account on this machine read or change submissions and grades."""
    if os.name != "posix":
        return
    for name in ("submitted", "collected", "autograded", "feedback"):
        if (build / name).is_dir():
            os.chmod(build / name, 0o700)
    for name in ("gradebook.db", "grades.csv", "records.json", "class-report.html"):
        if (build / name).is_file():
            os.chmod(build / name, 0o600)


def _key() -> bytes:
    """Return this user's key, which no submission sees; make it at the first time."""
    state = os.environ.get("LOCALAPPDATA" if os.name == "nt" else "XDG_STATE_HOME")
    path = Path(state or Path.home() / ".local" / "state", "speech-recognition-course/grading.key")
    if not path.is_file():
        path.parent.mkdir(parents=True, exist_ok=True)
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(file, "wb") as opened:
            opened.write(secrets.token_bytes(32))
    return path.read_bytes()


def _same(one: str | None, other: str) -> bool:
    """Whether two entries of a table say the same; a spreadsheet writes 3 as 3.0 or 3,0."""
    if one is None or one == other:
        return True
    try:
        return float(one.replace(",", ".")) == float(other)
    except ValueError:
        return False


class Records:
    """The rows of grades.csv and what they rest on, by assignment and student.

    Attributes
    ----------
    rows : the rows as they were written last
    graded : of each submission the digest of what it was graded from ("state"), of the graded
        notebook ("notebook"), and the points of each test ("scores")
    """

    def __init__(self, build: Path):
        self._table, self._file = build / "grades.csv", build / "records.json"
        self.rows: dict[tuple[str, str], dict] = {}
        self.graded: dict[str, dict] = {}
        self.doubt = ""  # why what was remembered may have been changed
        self._read()

    def _sign(self, text: str) -> tuple[str, str]:
        try:
            key = _key()
        except (OSError, RuntimeError):  # no folder of this user's own
            key = b"no key"
        signature = hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
        return hashlib.sha256(key).hexdigest()[:16], signature

    def _read(self) -> None:
        if self._file.is_file():
            try:
                stored = json.loads(self._file.read_text(encoding="utf-8"))
                content = json.loads(stored["content"])
                for row in content["rows"]:
                    self.rows[row["assignment"], row["student"]] = row
                self.graded = content["graded"]
                key, signature = self._sign(stored["content"])
                if stored["key"] != key:
                    self.doubt = ELSEWHERE
                elif not hmac.compare_digest(stored["signature"], signature):
                    self.doubt = "records.json was changed by somebody else: look at this row"
                    self.graded = {}
            except (OSError, ValueError, KeyError, TypeError):
                self.rows, self.graded = {}, {}
                self.doubt = "records.json was damaged by somebody else: look at this row"
        elif self._table.is_file():
            self.doubt = "records.json is not there, so nothing tells whether this row was changed"
        self._compare()

    def _compare(self) -> None:
        """Note in the remarks what grades.csv says otherwise; rows it alone has are kept."""
        if not self._table.is_file():
            return
        try:
            with open(self._table, newline="", encoding="utf-8-sig", errors="replace") as file:
                found = {(row["assignment"], row["student"]): row for row in csv.DictReader(file)}
        except (OSError, KeyError, csv.Error):
            return
        for row in self.rows.values():
            written = spreadsheet_row(row)
            there = found.pop((written["assignment"], written["student"]), None)
            if there is None or self._table.stat().st_size == 0:
                continue
            changed = [
                f"{name} {there.get(name)!r}"
                for name in COLUMNS
                if name != "remarks" and not _same(there.get(name), written[name])
            ]
            if changed:
                told = f"somebody had changed this row of grades.csv to {', '.join(changed)}"
                row["remarks"] = "; ".join(filter(None, [row["remarks"], told]))
        for key, row in found.items():
            self.rows[key] = {name: row.get(name) or "" for name in COLUMNS}
            if not self.doubt:
                told = "somebody had added this row to grades.csv"
                self.rows[key]["remarks"] = "; ".join(filter(None, [row["remarks"], told]))

    def kept(self, assignments: Iterable[str]) -> list[dict]:
        """Return the rows of all other assignments, with what is odd about them."""
        rows = [row for (name, _), row in self.rows.items() if name not in set(assignments)]
        for row in rows if self.doubt else ():
            if self.doubt not in row["remarks"]:
                row["remarks"] = "; ".join(filter(None, [row["remarks"], self.doubt]))
        return rows

    def save(self, rows: list[dict] | None = None) -> None:
        """Write what is remembered; with `rows`, the table too."""
        if rows is not None:
            self.rows = {(row["assignment"], row["student"]): row for row in rows}
            ordered = [spreadsheet_row(self.rows[key]) for key in sorted(self.rows)]
            with (
                written_whole(self._table) as unfinished,
                # with a mark at its start, by which spreadsheets know the encoding
                open(unfinished, "w", newline="", encoding="utf-8-sig") as file,
            ):
                writer = csv.DictWriter(file, COLUMNS)
                writer.writeheader()
                writer.writerows(ordered)
        content = json.dumps({"rows": list(self.rows.values()), "graded": self.graded})
        key, signature = self._sign(content)
        with written_whole(self._file) as unfinished:
            stored = {"key": key, "signature": signature, "content": content}
            unfinished.write_text(json.dumps(stored), encoding="utf-8")
