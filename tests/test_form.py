"""The form of each chapter, and proof that each of its guards can fail (tests/form.py)."""

from __future__ import annotations

import json

from tests import form

import pytest

CHAPTERS = sorted(form.NOTEBOOKS.glob("[0-9][0-9]_*.ipynb"))
NOT_YET: set[str] = set()  # chapters without the form yet


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_form_of_a_chapter(path):
    if path.stem in NOT_YET:
        pytest.skip("does not have the form yet")
    assert form.problems(path) == []


OPENING = """# 3 · MFCC

[← 2](02_speech_and_spectra.ipynb) · [Map](00_start_here.ipynb#the-map) ·
[Assignment](exercises/03_mfcc/mfcc.ipynb) · [4 →](04_baselines.ipynb)

**Time** about 5 minutes; runs in under 60 s."""
OPTION = "<details><summary>{}</summary>\n\n{}, because of what the chapter measured.\n</details>\n"
QUESTION = "".join(OPTION.format(*pair) for pair in [("a", "Yes"), ("b", "No"), ("c", "No")])
QUIZ = "## Quiz\n\n" + "\n".join(f"**{n}.** Which?\n\n{QUESTION}" for n in (1, 2, 3))
EXERCISES = "## Exercises\n\n1. Do it.\n" + "".join(
    f"<details><summary>{what}</summary>\n\nLook.\n</details>\n" for what in ("Hint", "Solution")
)
SOUND = [
    ("markdown", OPENING),
    ("code", 'louder = predict("Which?", "a", "b")'),
    ("code", 'longer = predict("Which?", "a", "b")'),
    ("code", 'louder.compare("a")\nlonger.compare("b")'),
    ("code", "check_gap(step, 1, expected=1)\ncheck_gap(stride, 1, expected=1)"),
    ("code", 'widgets.explore(draw, "How far?", x=slider)'),
    ("markdown", "<details><summary>Answer</summary>\n\nThis far.\n</details>"),
    ("code", "# held by: far\nplotting.show(figure, alt)"),
    ("code", "# holds: far\nassert far > near"),
    ("markdown", "## Summary\n\n- It is far. <!-- held by: far -->\n- A term. <!-- no result -->"),
    ("markdown", QUIZ),
    ("markdown", EXERCISES),
    ("markdown", "## Further reading\n\n- A book."),
]  # fmt: skip


def problems(tmp_path, monkeypatch, old="", new="") -> list[str]:
    """Write a sound chapter, with one thing changed; return its problems."""
    texts = [(kind, text.replace(old, new) if old else text) for kind, text in SOUND]
    assert not old or texts != SOUND
    cells = [{"cell_type": kind, "source": text, "metadata": {}} for kind, text in texts]
    for name in ("00_start_here", "02_speech_and_spectra", "04_baselines"):
        (tmp_path / f"{name}.ipynb").touch()
    (tmp_path / "exercises" / "03_mfcc").mkdir(parents=True)
    (tmp_path / "exercises" / "03_mfcc" / "mfcc.ipynb").touch()
    path = tmp_path / "03_mfcc.ipynb"
    path.write_text(json.dumps({"cells": cells}), encoding="utf-8")
    monkeypatch.setattr(form, "NOTEBOOKS", tmp_path)
    monkeypatch.setattr(form, "ASSERTING_SHARE", 1 / 7)
    return form.problems(path)


def test_a_sound_chapter_has_no_problem(tmp_path, monkeypatch):
    assert problems(tmp_path, monkeypatch) == []


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("about 5 minutes", "about 40 minutes", "it says 40 minutes, counted are 5"),
        ("A term.", "A term." + " word" * 19_000, "minutes, over 90"),
        ("**Time**", "Time", "says no time"),
        ("**3.** Which?", "Which?", "quiz of 2 questions"),
        ("Yes, because", "No, because", "one “Yes”"),
        (", because of what the chapter measured", "", "without its reason"),
        ('longer = predict("Which?", "a", "b")', "longer = 1", "1 predictions"),
        ('longer.compare("b")', "", "longer is never compared"),
        ("check_gap(step, 1, expected=1)", "", "1 gaps"),
        ("<details><summary>Answer</summary>", "", "no folded answer after How far?"),
        ("<summary>Hint", "<summary>Help", "folded hint"),
        ("<summary>Solution", "<summary>Help", "folded solution"),
        ("# held by: far", "", "figure"),
        ("<!-- held by: far -->", "", "summary"),
        ("<!-- no result -->", "", "A term"),
        ("# holds: far", "", "nothing holds “far”"),
        ("assert far > near", "print(far)", "asserts nothing"),
        ("louder.compare", "assert far > near\nlouder.compare", "over a fifth"),
        ("plotting.show(", "x = 1\n" * 25 + "plotting.show(", "27 lines"),
        ("(04_baselines.ipynb", "(", "no link to 04_baselines"),
        ("(00_start_here.ipynb#the-map", "(", "no link to 00_start_here.ipynb#"),
        ("(exercises/03_mfcc/mfcc.ipynb", "(", "no link to exercises/03_mfcc"),
    ],
)
def test_each_guard_of_the_form_can_fail(old, new, reason, tmp_path, monkeypatch):
    assert any(reason in problem for problem in problems(tmp_path, monkeypatch, old, new))


def test_what_is_folded_collapsed_or_behind_the_end_costs_no_time():
    def cell(code, source, hidden=False, section=""):
        return form.Cell(code, source, hidden, section)

    text, lines = "word " * 1000, "x = 1\n" * 150
    seen = [cell(False, text), cell(True, lines)]
    assert form.minutes(seen).total == 15
    unseen = [
        cell(False, f"<details><summary>More</summary>{text}</details>"),
        cell(True, lines, hidden=True),
        cell(False, text, section="## Going further"),
        cell(True, lines, section="## Exercises"),
        cell(False, f"<!-- {text} -->"),
    ]
    assert form.minutes(seen + unseen).total == 15
    assert form.minutes([*seen, cell(True, "explore(draw)")]).total == 20
