"""The stored rows, and the reader that the chapters show them with."""

from __future__ import annotations

import json

from course_utils import results
from course_utils.results import find_row, find_rows, percent

import pytest

KEYS = ("group", "model", "corpus", "split", "metric")
UNITS = {
    "fraction", "lines", "points", "times", "s", "ms", "s/s", "bytes", "pieces", "streams", None,
}  # fmt: skip


@pytest.fixture
def stored(tmp_path, monkeypatch):
    """Give the reader a file of our own; returns its path."""
    path = tmp_path / "results.json"
    monkeypatch.setattr(results, "RESULTS_FILE", path)
    results._rows.cache_clear()
    yield path
    results._rows.cache_clear()


def test_rows_are_found_by_their_fields(stored):
    rows = [{"model": "a", "split": "x"}, {"model": "b", "split": "x"}]
    stored.write_text(json.dumps(rows))
    assert find_rows() == find_rows(split="x") == rows
    assert find_row(model="b") == rows[1]
    with pytest.raises(LookupError, match="2 rows of results.json .* say more"):
        find_row(split="x")
    with pytest.raises(LookupError, match="0 rows .*no row has this model, .*make benchmark"):
        find_row(model="c", split="x")


def test_a_missing_file_is_told(stored):
    with pytest.raises(LookupError, match="results.json is missing"):
        find_row(model="a")


def test_a_share_is_shown_with_its_interval():
    row = {"value": 0.5, "low": 0.25, "high": 0.75, "seeds": [0, 1]}
    assert percent(row) == " 50.0%   25.0% to 75.0%     seeds [0, 1]"


def test_every_stored_row_is_whole():
    rows = find_rows()
    assert len({tuple(row[key] for key in KEYS) for row in rows}) == len(rows), "one row a number"
    assert len({tuple(row) for row in rows}) == 1, "the same fields, in the same order"
    for row in rows:
        assert row["unit"] in UNITS, row
        assert not row["metric"].endswith((", ms", ", bytes", "seconds")), "units have a field"
        assert isinstance(row["value"], int | float) and row["recipe"]
        assert row["keras"] and row["tensorflow"] and row["machine"], "what it was measured with"
        if row["low"] is not None:
            assert row["low"] <= row["value"] <= row["high"], row
            is_difference = any(word in row["metric"] for word in ("more than", " less "))
            lowest = -1 if is_difference else 0
            assert row["unit"] != "fraction" or lowest <= row["low"] and row["high"] <= 1, row
        if row["train_seconds"]:
            assert row["seeds"], "a training has seeds"
