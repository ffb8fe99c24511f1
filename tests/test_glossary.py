"""The glossary has every term that a chapter defines, once, and nothing that no chapter uses."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

NOTEBOOKS = Path(__file__).resolve().parent.parent / "notebooks"
ROW = re.compile(r"^\| \*\*(.+?)\*\* \| (.+?) \| \[(\d\d)\]\((\S+?)\) \| (.+?) \| (.+?) \|$", re.M)
BOLD = re.compile(r"(?<!\*)\*\*([^*]+?)\*\*(?!\*)")
HEADINGS = {  # bold, and no term
    "you will learn", "before you start", "time", "common mistake", "explore", "your turn",
    "fill the gap", "your voice", "checkpoint", "predict", "your gap", "start here",
}  # fmt: skip
STRESSED = {  # bold because the sentence leans on it, or a short form of an entry
    "all three", "at every", "axes swapped", "bootstrap over string", "cosine", "cosine transform",
    "disagree", "fewest edit", "geometrically", "is", "keep the first few", "labels for output",
    "logarithm", "maximum", "may", "must", "no", "of the training side", "one number a step",
    "order", "output", "probability minus truth", "product", "reshaped instead of transposed",
    "right", "row", "snr", "stay", "symbol", "test", "two", "word",
}  # fmt: skip


def prose(path: Path) -> str:
    cells = json.loads(path.read_text("utf-8"))["cells"]
    return "\n\n".join("".join(c["source"]) for c in cells if c["cell_type"] == "markdown")


def plain(term: str) -> str:
    """Write a term as it is compared: small letters, one space, no plural."""
    words = " ".join(term.split()).lower().strip(":").replace("–", "-")
    return words[:-1] if re.search(r"[^suia]s$", words) else words


def bold_terms(text: str) -> set[str]:
    """Return what a chapter prints in bold to define it: up to four words, no sentence."""
    found = set()
    for phrase in BOLD.findall(text):
        words = " ".join(phrase.split())
        sentence = words.endswith((".", "?", "!", ":")) or re.search(r"[$`\d,=]", words)
        if not sentence and len(words.split()) <= 4 and words.lower() not in HEADINGS:
            found.add(plain(words))
    return found - STRESSED


def problems(glossary: str, chapters: dict[str, str]) -> list[str]:
    """Say what is missing, twice, unused, or not in order."""
    rows = ROW.findall(glossary)
    terms = [term for term, *_ in rows]
    found = [] if rows else ["no entry can be read"]
    found += [f"{term} stands twice" for term in terms if terms.count(term) > 1]
    if terms != sorted(terms, key=str.lower):
        found.append("the entries are not in order")
    for term, text, chapter, link, chinese, pinyin in rows:
        words = re.split(r"[\s-]+", plain(term))
        used = re.sub(r"[\s-]+", " ", chapters.get(chapter, "").lower().replace("–", "-"))
        if not link.startswith(chapter) or " ".join(words) not in used:
            found.append(f"chapter {chapter} does not use {term}")
        if not text.endswith(".") or len(text.split()) > 30:
            found.append(f"{term}: one plain sentence, please")
        if not re.search(r"[\u4e00-\u9fff]|值", chinese) or not re.search(r"[a-zA-Z]", pinyin):
            found.append(f"{term}: the Chinese term and its pinyin are missing")
    known = {plain(term) for term in terms}
    for chapter, text in sorted(chapters.items()):
        found += [f"{chapter}: no entry for {term}" for term in sorted(bold_terms(text) - known)]
    return found


@pytest.fixture(scope="module")
def chapters():
    paths = sorted(NOTEBOOKS.glob("[0-9][0-9]_*.ipynb"))
    return {path.name[:2]: prose(path) for path in paths}


def test_the_glossary_has_what_the_chapters_define(chapters):
    assert problems(prose(NOTEBOOKS / "glossary.ipynb"), chapters) == []


SOUND = "| **alias** | A false tone. | [01](01_signals.ipynb) | 混叠 | hùndié |"


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("", "", None),
        ("alias", "bias", "chapter 01 does not use bias"),
        ("alias", "bias", "no entry for alias"),
        ("A false tone.", "A false tone", "one plain sentence"),
        ("混叠", "alias", "Chinese term"),
        ("[01](01", "[02](02", "chapter 02 does not use alias"),
        (SOUND, f"{SOUND}\n{SOUND}", "twice"),
        (SOUND, f"{SOUND}\n{SOUND.replace('alias', 'a')}", "not in order"),
    ],
)
def test_a_wrong_entry_is_found(old, new, reason):
    glossary = SOUND.replace(old, new) if old else SOUND
    found = problems(glossary, {"01": "An **alias** is a false tone."})
    assert any(reason in problem for problem in found) if reason else found == []
