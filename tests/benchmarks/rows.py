"""Rows of the benchmark: what one holds, the files that keep them, and the table of them."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from course_utils.files import written_whole
from course_utils.paths import RESULTS_FILE, ROOT
from data.recipes import versions

Row = dict[str, Any]
ROWS_FILE = ROOT / "build" / "benchmark.json"
RUNS_FILE = ROOT / "build" / "benchmark-runs.json"  # every training, for --resume
FIELDS = (  # in this order; null where one does not apply
    "task", "model", "metric", "value", "unit", "corpus", "split", "low", "high", "seeds",
    "parameters", "train_seconds", "train_cpu_seconds", "size_bytes", "recipe", "recipe_hash",
    "keras", "tensorflow", "machine", "group",
)  # fmt: skip


def machine() -> str:
    """Describe the machine in words, without its name."""
    system = f"{platform.system()} {platform.machine()}".replace("x86_64", "x86-64")
    return f"{os.cpu_count()} cores, {system}"


def row(**measured: Any) -> Row:
    """Return a row of what was measured just now, on this machine."""
    found = {**versions(), "machine": machine(), **measured}
    if unknown := set(found) - set(FIELDS):
        raise ValueError(f"a row has no field {', '.join(sorted(unknown))}: see FIELDS")
    return {name: found.get(name) for name in FIELDS}


def read(path: Path) -> list[Row]:
    """Read rows, or runs; none if there is no file yet."""
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else []


def write(path: Path, entries: Iterable[Row]) -> None:
    """Write one entry a line, so that a difference between two versions can be read."""
    path.parent.mkdir(exist_ok=True)
    lines = ",\n".join(json.dumps(entry) for entry in entries)
    with written_whole(path) as unfinished:
        unfinished.write_text(f"[\n{lines}\n]\n", encoding="utf-8")


def put(old: list[Row], new: list[Row], replaced: Callable[[Row], bool]) -> list[Row]:
    """Put new rows where the first of the replaced ones stood, or else at the end."""
    place = next((i for i, entry in enumerate(old) if replaced(entry)), len(old))
    return old[:place] + new + [entry for entry in old[place:] if not replaced(entry)]


def save(new: list[Row], replaced: Callable[[Row], bool], store: bool) -> None:
    """Put new rows into build/benchmark.json and, to `store` them, into data/results.json."""
    for path in (ROWS_FILE, RESULTS_FILE) if store else (ROWS_FILE,):
        write(path, put(read(path), new, replaced))


def table(rows: Iterable[Row]) -> str:
    """Write rows for people."""
    lines = [f"{'model':42s} {'corpus and split':36s} {'metric':40s} {'value':>14s}  interval"]
    for entry in rows:
        where = " ".join(filter(None, (entry["corpus"], entry["split"])))
        if entry["unit"] == "fraction":
            value = f"{100 * entry['value']:.2f} %"
        else:
            value = f"{entry['value']:.4g} {entry['unit'] or ''}".rstrip()
        ends = entry["low"], entry["high"]
        if None in ends:
            interval = ""
        elif entry["unit"] == "fraction":
            interval = "{:.1f}-{:.1f} %".format(*(100 * end for end in ends))
        else:
            interval = "{:+.1f} to {:+.1f}".format(*ends)
        seeds = f"seeds {entry['seeds']}" if entry["seeds"] else ""
        seconds = f"trained in {entry['train_seconds']} s" if entry["train_seconds"] else ""
        line = f"{entry['model']:42s} {where:36s} {entry['metric']:40s} {value:>14s}  "
        lines.append(f"{line}{interval:14s} {seeds:16s} {seconds}".rstrip())
    return "\n".join(lines)
