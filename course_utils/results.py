"""What `make benchmark` measured: the rows that the chapters show (chapters 05, 06, 08)."""

import json
from functools import lru_cache

from course_utils.paths import RESULTS_FILE

__all__ = ["find_row", "find_rows", "percent"]


@lru_cache
def _rows() -> list[dict]:
    if not RESULTS_FILE.is_file():
        raise LookupError(f"{RESULTS_FILE} is missing: it comes with the course; put it back")
    return json.loads(RESULTS_FILE.read_text(encoding="utf-8"))


def find_rows(**where: object) -> list[dict]:
    """Return the rows whose fields have these values, such as ``model="digit_network"``."""
    return [row for row in _rows() if all(row.get(k) == value for k, value in where.items())]


def find_row(**where: object) -> dict:
    """Return the one row whose fields have these values; LookupError if there is not just one."""
    found = find_rows(**where)
    if len(found) != 1:
        never = [name for name, value in where.items() if not find_rows(**{name: value})]
        hint = f"no row has this {', nor this '.join(never)}" if never else "say more"
        raise LookupError(
            f"{len(found)} rows of {RESULTS_FILE.name} have {where}, not one: {hint}, or measure "
            "them with `make benchmark`"
        )
    return found[0]


def percent(row: dict) -> str:
    """Value, interval and seeds of a row whose value is a fraction, as text."""
    ends = f"{row['low']:.1%} to {row['high']:.1%}"
    return f"{row['value']:6.1%}   {ends:16s}   seeds {row['seeds']}"
