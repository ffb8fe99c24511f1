"""Rows of results, as the chapters ask for them."""

import json

from course_utils import results
from course_utils.results import find_row, find_rows, percent

import pytest

ROWS = [
    {"model": "a", "split": "official", "value": 0.9, "low": 0.85, "high": 0.94, "seeds": [0, 1]},
    {"model": "a", "split": "unknown", "value": 0.8},
    {"model": "b", "split": "official", "value": 1.0},
]


@pytest.fixture
def rows(tmp_path, monkeypatch):
    file = tmp_path / "results.json"
    file.write_text(json.dumps(ROWS))
    monkeypatch.setattr(results, "RESULTS_FILE", file)
    results._rows.cache_clear()
    yield
    results._rows.cache_clear()


def test_rows_are_found_by_their_fields(rows):
    assert find_rows() == ROWS and find_rows(model="a") == ROWS[:2]
    assert find_row(model="a", split="unknown") is find_rows(split="unknown")[0]
    assert find_rows(model="c") == [] and find_rows(colour="red") == []


@pytest.mark.parametrize(
    ("where", "reason"),
    [({"model": "a"}, "has 2 rows with model 'a', not one"), ({"model": "c"}, "has 0 rows")],
)
def test_no_row_and_several_are_told_apart_from_one(rows, where, reason):
    with pytest.raises(LookupError, match=f"results.json {reason}") as caught:
        find_row(**where)
    assert "make benchmark" in str(caught.value)


def test_a_fraction_is_printed_with_its_interval_and_seeds():
    assert " ".join(percent(ROWS[0]).split()) == "90.0% 85.0% to 94.0% seeds [0, 1]"


def test_the_stored_rows_can_be_read():
    found = find_rows(corpus="fsdd", split="official")
    assert found and all(0 <= row["value"] for row in found)
