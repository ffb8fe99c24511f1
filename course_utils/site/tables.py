"""The pages of tables: what was measured, and the state of the course."""

from __future__ import annotations

import hashlib
import html
import json
import re
from collections.abc import Iterable
from pathlib import Path

from course_utils.instructors.cells import read_notebook
from course_utils.site.staging import SiteError, chapters

__all__ = ["results_page", "status_page", "table"]

TASKS = {  # the tasks of data/results.json: a heading, and what its rows say
    "digits": ("One digit", "Accuracy in recognising one spoken digit."),
    "strings": ("Strings of digits", "Reading three to seven digits; wer is the word error rate."),
    "ablation": ("What helps", "One ingredient left out at a time, on the validation side."),
    "front end": ("Speed of the front end", "Seconds for the whole corpus."),
    "streaming": ("Streaming", "One stream on one core, sound taken in pieces."),
    "service": ("The service", "Many streams at once, over WebSockets."),
    "deployment": ("Deployment", "The same network in other formats."),
    "grading": ("Grading", "Seconds to grade a class."),
}
COLUMNS = {
    "model": "recogniser", "corpus": "corpus", "split": "split", "metric": "measure",
    "value": "value", "low": "95 % interval", "seeds": "seeds", "parameters": "weights",
    "size_bytes": "bytes",
}  # fmt: skip


def table(head: Iterable[str], rows: Iterable[Iterable[tuple[str, object]]], caption: str) -> str:
    """Return a table that a click on a heading sorts: cells are (text, what to sort by)."""
    titles = "".join(f'<th scope="col">{html.escape(title)}</th>' for title in head)
    body = "".join(
        "<tr>"
        + "".join(
            f'<td data-sort="{html.escape(str(key))}">{html.escape(text)}</td>' for text, key in row
        )
        + "</tr>\n"
        for row in rows
    )
    return (
        f'<table class="sortable"><caption>{html.escape(caption)}</caption>'
        f"<thead><tr>{titles}</tr></thead>\n<tbody>{body}</tbody></table>\n"
    )


def shown(value: float, unit: str | None) -> str:
    """Return a measured value with its unit."""
    return f"{100 * value:.1f} %" if unit == "fraction" else f"{value:g} {unit or ''}".strip()


def cell(row: dict, name: str) -> tuple[str, object]:
    """Return the text of one field of a row, and what it is sorted by."""
    value = row.get(name)
    if value is None:
        return "", ""
    if name == "value":
        return shown(value, row["unit"]), value
    if name == "low":
        low, high = (shown(row[end], row["unit"]) for end in ("low", "high"))
        return f"{low.removesuffix(' %')} to {high}", value
    if name == "seeds":
        return ", ".join(map(str, value)), len(value)
    return (f"{value:,}", value) if isinstance(value, int) else (str(value), value)


def results_page(root: Path) -> str:
    """Return the page of everything that was measured, a table for each task."""
    path = root / "data" / "results.json"
    try:
        rows = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise SiteError(f"data/results.json cannot be read: {error}") from error
    parts = [
        "# What was measured\n",
        f"{len(rows)} rows, the same that the chapters show. A click on a heading sorts a table. "
        "*Official* is FSDD's own test side, with voices that were in training; *unknown* leaves "
        "one speaker out of training and tests with that speaker. An interval is one of 95 %. "
        "The [data card](data/README.md) describes the recordings.\n",
    ]
    for task in dict.fromkeys(row["task"] for row in rows):
        title, meaning = TASKS.get(task, (task[:1].upper() + task[1:], ""))
        own = [row for row in rows if row["task"] == task]
        names = [name for name in COLUMNS if any(row.get(name) is not None for row in own)]
        lines = [[cell(row, name) for name in names] for row in own]
        made = table([COLUMNS[name] for name in names], lines, f"{title}: {len(own)} rows")
        parts.append(f"## {title}\n\n{meaning}\n\n{made}")
    return "\n".join(parts)


def stored_run(root: Path) -> str:
    """Return what is known of the last full run of the tests on this machine, as Markdown."""
    path = root / "build" / "last-run.json"
    if not path.is_file():
        return (
            "No full run of the tests is recorded on the machine that built this site. "
            "`make test` records one, and `make site` shows it here.\n"
        )
    run = json.loads(path.read_text(encoding="utf-8"))
    rows = [
        [(job["title"], job["title"]), (job["outcome"], job["outcome"]),
         (f"{job['seconds']:.0f}", job["seconds"])]
        for job in run["jobs"]
    ]  # fmt: skip
    return (
        f"{run['when']}, Python {run['python']}, commit {run['commit'] or 'unknown'}: "
        f"{run['passed']} tests passed, {run['failed']} failed, {run['skipped']} were skipped, in "
        f"{run['seconds'] / 60:.0f} minutes.\n\n"
        + table(["job", "outcome", "seconds"], rows, "The jobs of the last full run")
    )


def chapter_row(path: Path) -> list[tuple[str, object]]:
    """Return what can be counted in a chapter."""
    notebook = read_notebook(path)
    code = [c for c in notebook["cells"] if c["cell_type"] == "code"]
    pages = ["".join(o.get("data", {}).get("text/html", "")) for c in code for o in c["outputs"]]
    text = path.read_text(encoding="utf-8")
    time = re.search(r"about (\d+) minutes; runs in under (\d+) s", text)
    minutes, seconds = (int(time[1]), int(time[2])) if time else (0, 0)
    python = notebook["metadata"].get("language_info", {}).get("version", "")
    figures = sum(page.count("data:image/png") for page in pages)
    sounds = sum(page.count("<audio") for page in pages)
    ran = f"{sum(bool(c['outputs']) for c in code)} of {len(code)}"
    values = [path.stem, minutes, seconds, figures, sounds, path.stat().st_size // 1000]
    numbers: list[tuple[str, object]] = [(str(value), value) for value in values]
    return [*numbers, (ran, ran), (python, python)]


def data_checks(root: Path) -> list[list[tuple[str, object]]]:
    """Return, for each list of checksums of the course, whether its files are what it says."""
    rows = []
    for path in sorted((root / "data").rglob("SHA256SUMS")):
        lines = [line.split(maxsplit=1) for line in path.read_text(encoding="utf-8").splitlines()]
        wrong = [
            name
            for digest, name in lines
            if not (file := path.parent / name.lstrip("*")).is_file()
            or hashlib.sha256(file.read_bytes()).hexdigest() != digest
        ]
        name, said = path.relative_to(root).as_posix(), "all as listed"
        said = f"not as listed: {', '.join(wrong)}" if wrong else said
        rows.append([(name, name), (f"{len(lines)}", len(lines)), (said, said)])
    return rows


def status_page(root: Path) -> str:
    """Return the page on the state of the course: what this build could find out, no more."""
    rows = json.loads((root / "data" / "results.json").read_text(encoding="utf-8"))
    versions = sorted({f"Keras {r['keras']}, TensorFlow {r['tensorflow']}" for r in rows})
    titles = [
        "chapter", "minutes to read", "seconds to run, at most", "figures", "players", "kB",
        "cells with an output", "Python",
    ]  # fmt: skip
    found = table(titles, map(chapter_row, chapters(root)), "The chapters, as they are stored")
    checks = table(["list", "files", "outcome"], data_checks(root), "Checksums, at this build")
    return (
        "# Status\n\nWhat is known of this edition. The page says what was found when the site "
        "was built, and nothing that was not.\n\n## Last full run of the tests\n\n"
        + stored_run(root)
        + "\n## Chapters\n\nMinutes and seconds are those that a chapter states; a test holds the "
        "minutes to what is counted.\n\n"
        + found
        + f"\n## Data\n\n{len(rows)} measured rows, made with {'; '.join(versions)}.\n\n"
        + checks
    )
