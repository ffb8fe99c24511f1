"""Links and spelling, offline."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import unquote, urlsplit

import nbformat
import pytest

ROOT = Path(__file__).resolve().parent.parent
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)[^)]*\)|(?:src|href)=\"([^\"]+)\"")
PAGES = [*ROOT.glob("*.md"), *ROOT.glob("data/**/*.md"), *ROOT.glob("notebooks/**/*.ipynb")]


def prose(path: Path) -> str:
    """Return the text of a page, without code."""
    if path.suffix == ".md":
        text = path.read_text(encoding="utf-8")
    else:
        cells = nbformat.read(path, as_version=4).cells
        text = "\n\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    return re.sub(r"```.*?```|`[^`\n]*`", "", text, flags=re.S)


def anchors(path: Path) -> set[str]:
    headings = re.findall(r"^#+ (.*)$", prose(path), flags=re.M)
    if path.suffix == ".ipynb":
        return {heading.strip().replace(" ", "-") for heading in headings}
    cleaned = (re.sub(r"[^\w\- ]", "", heading.strip().lower()) for heading in headings)
    return {heading.replace(" ", "-") for heading in cleaned}


def broken_links(path: Path, text: str) -> list[str]:
    """Return the links that lead nowhere, as far as can be known without a network."""
    broken = []
    for match in LINK.finditer(text):
        link = match[1] or match[2]
        parts = urlsplit(link)
        if parts.scheme in ("http", "https"):
            if not re.fullmatch(r"[\w-]+(\.[\w-]+)+", parts.netloc):
                broken.append(link)
        elif parts.scheme not in ("mailto", "data"):
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            if not target.exists():
                broken.append(link)
            elif parts.fragment and unquote(parts.fragment) not in anchors(target):
                broken.append(link)
    return broken


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_links(path):
    assert broken_links(path, prose(path)) == []


def test_a_broken_link_is_found():
    path = ROOT / "README.md"
    for link in ("missing.md", "README.md#no-such-heading", "https:///nowhere", "#no-such"):
        assert broken_links(path, f"see [this]({link})") == [link]
    assert broken_links(path, "see [this](LICENSE) and [that](https://example.org/a)") == []


def spell(*paths: Path | str) -> subprocess.CompletedProcess:
    command = [sys.executable, "-m", "codespell_lib", "--toml", "pyproject.toml"]
    return subprocess.run([*command, *paths], cwd=ROOT, capture_output=True, text=True)


def test_spelling():
    result = spell()
    assert result.returncode == 0, result.stdout + result.stderr


def test_a_spelling_mistake_is_found(tmp_path):
    (tmp_path / "page.md").write_text("The recogniser reci" + "eves a sound.")
    assert spell(tmp_path / "page.md").returncode != 0


def test_style():
    for command in (["check", "."], ["format", "--check", "."]):
        result = subprocess.run(
            [sys.executable, "-m", "ruff", *command], cwd=ROOT, capture_output=True, text=True
        )
        assert result.returncode == 0, result.stdout + result.stderr


def test_the_readme_says_what_was_measured():
    rows = json.loads((ROOT / "data" / "results.json").read_text(encoding="utf-8"))
    table = re.findall(
        r"^\| `?([\w ]+)`?, (.+?) \| \d\d \| ([\d,]+) \| ([\d.]+) % \| ([\d.]+) % \|$",
        (ROOT / "README.md").read_text(encoding="utf-8"),
        flags=re.M,
    )
    assert len(table) == 5
    for model, what, weights, known, new in table:
        metric = "wer" if "word error rate" in what else "accuracy"
        for split, shown in (("official", known), ("unknown speaker, mean of six", new)):
            wanted = (model, "fsdd", split, metric)
            keys = ("model", "corpus", "split", "metric")
            (row,) = [r for r in rows if tuple(r[key] for key in keys) == wanted]
            assert shown == f"{100 * row['value']:.1f}", (model, split)
            assert weights == f"{row['parameters']:,}" or split != "official", model
