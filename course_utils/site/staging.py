"""The pages of the site, as Sphinx reads them: copies of the notebooks and of the Markdown files.

Nothing is run. What JupyterLab does for a reader and Sphinx does not is done here: collapsed
cells, terms that link to the glossary, controls that need a kernel, diagrams.
"""

from __future__ import annotations

import html
import json
import re
import shutil
from collections.abc import Set
from pathlib import Path

from course_utils.instructors.cells import marked_lines, source_of
from course_utils.instructors.student_edition import release_assignments
from course_utils.site.diagrams import draw

__all__ = ["SiteError", "chapters", "exercises", "stage", "stage_markdown", "stage_notebook"]

MARKDOWN = {  # pages that are Markdown files: the title that each has on the site
    "README.md": "Install and run",
    "INSTRUCTORS.md": None,
    "CONTRIBUTING.md": None,
    "CHANGES.md": None,
    "notebooks/final_project.md": None,
    "data/README.md": None,
    "data/models/README.md": None,
    "data/real/README.md": None,
    "data/text/README.md": None,
}
FILES = ("LICENSE", "CITATION.cff")  # that pages lead to
WIDGET = "application/vnd.jupyter.widget-view+json"
COMMENT = re.compile(r"[ \t]*<!--.*?-->", flags=re.S)
MERMAID = re.compile(r"^```mermaid\n(.*?)^```$", flags=re.M | re.S)
FENCED = re.compile(r"(^```.*?^```$|`[^`\n]+`|\$\$.*?\$\$)", flags=re.M | re.S)
ENTRY = re.compile(
    r"^\| \*\*(.+?)\*\* \| (.+?) \| (\[\d\d\]\(\S+?\)) \| (.+?) \| (.+?) \|$", flags=re.M
)
BOLD = re.compile(r"(?<!\*)\*\*([^*]+?)\*\*(?!\*)")
NEEDS_KERNEL = (  # the last words of an explorer's first line in a notebook, and here
    "<i>Run the cell to move the controls.</i>",
    "<i>This is its first picture. In the notebook, run the cell to move the controls.</i>",
)


class SiteError(RuntimeError):
    """The site cannot be built; the message says which file is the reason, and what to do."""


def chapters(root: Path) -> list[Path]:
    """Return the notebooks of the chapters that are there, in their order."""
    return sorted((root / "notebooks").glob("[0-9][0-9]_*.ipynb"))


def exercises(root: Path) -> list[Path]:
    """Return the notebooks of the assignments, in their order."""
    return sorted((root / "notebooks" / "exercises").glob("*/*.ipynb"))


def slug(term: str) -> str:
    """Return the anchor of a term of the glossary; a plural has the same."""
    words = re.sub(r"[^\w]+", "-", term.lower()).strip("-")
    return "term-" + (words[:-1] if re.search(r"[^suia]s$", words) else words)


def glossary(root: Path) -> set[str]:
    """Return the anchors of the glossary's terms. Raises `SiteError` if one is defined twice."""
    path = root / "notebooks" / "glossary.ipynb"
    if not path.is_file():
        raise SiteError("notebooks/glossary.ipynb is missing: the chapters' terms lead to it")
    cells = read(path)["cells"]
    terms = [entry[0] for cell in cells for entry in ENTRY.findall(source_of(cell))]
    anchors: dict[str, str] = {}
    for term in terms:
        if slug(term) in anchors:
            raise SiteError(
                f"notebooks/glossary.ipynb defines “{term}” twice (also as "
                f"“{anchors[slug(term)]}”): keep one of the rows"
            )
        anchors[slug(term)] = term
    return set(anchors)


def read(path: Path) -> dict:
    """Read a notebook. Raises `SiteError` where it is none."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise SiteError(f"{path.name} cannot be read as a notebook: {error}") from error


def check_outputs(path: Path, notebook: dict) -> None:
    """Refuse a chapter that was never run: its page would show no figure and play no sound."""
    code = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    if code and not any(cell.get("outputs") for cell in code):
        raise SiteError(
            f"{path.name} has no stored outputs: run it and store them, with "
            f"`python tests/execute_notebooks.py notebooks/{path.name}`, then `make site`"
        )
    errors = [o for cell in code for o in cell.get("outputs", []) if o["output_type"] == "error"]
    if errors:
        raise SiteError(f"{path.name} stores an error, {errors[0].get('ename')}: run it again")


def stage_text(text: str, terms: Set[str] = frozenset(), base: str = "") -> str:
    """Return Markdown as Sphinx reads it: no comments, diagrams drawn, terms that are links.

    `base` leads from the page to the folder of the glossary.
    """
    text = MERMAID.sub(lambda found: f'<div class="scroll">{draw(found[1])}</div>\n', text)
    parts = FENCED.split(text)

    def link(found: re.Match) -> str:
        words = " ".join(found[1].split())
        if slug(words) not in terms:
            return found[0]
        target = f"{base}glossary.html#{slug(words)}"
        return f'<a class="term" href="{target}"><strong>{html.escape(words)}</strong></a>'

    for i in range(0, len(parts), 2):
        parts[i] = COMMENT.sub("", parts[i])
        if terms:
            parts[i] = BOLD.sub(link, parts[i])
    return "".join(parts)


def entry_with_anchor(found: re.Match) -> str:
    """Return a row of the glossary that can be linked to, and that says what is Chinese."""
    term, meaning, chapter, chinese, pinyin = found.groups()
    return (
        f'| <span id="{slug(term)}"></span>**{term}** | {meaning} | {chapter} '
        f'| <span lang="zh">{chinese}</span> | <span lang="zh-Latn">{pinyin}</span> |'
    )


def stage_cell(cell: dict, terms: set[str], base: str) -> None:
    """Change one cell of a copy to what Sphinx shows as JupyterLab does."""
    source = source_of(cell)
    if cell["cell_type"] == "markdown":
        cell["source"] = stage_text(source, terms, base)
        return
    tags = cell["metadata"].setdefault("tags", [])
    if cell["metadata"].get("jupyter", {}).get("source_hidden"):
        tags.append("hide-input")
        first = source.lstrip().partition("\n")[0].lower()
        shown = "solution" if first.startswith("#") and "solution" in first else "code"
        cell["metadata"]["mystnb"] = {
            "code_prompt_show": f"Show the {shown}",
            "code_prompt_hide": f"Hide the {shown}",
        }
    for output in cell.get("outputs", []):
        data = output.get("data", {})
        data.pop(WIDGET, None)
        if "text/html" in data:
            page = "".join(data["text/html"])
            data["text/html"] = page.replace(*NEEDS_KERNEL)


def stage_notebook(path: Path, target: Path, terms: set[str], base: str = "") -> None:
    """Write a copy of a notebook for Sphinx, and one to download beside where its page will be."""
    notebook = read(path)
    notebook["metadata"].pop("widgets", None)
    for cell in notebook["cells"]:
        stage_cell(cell, terms, base)
        if path.name == "glossary.ipynb":
            cell["source"] = ENTRY.sub(entry_with_anchor, source_of(cell))
    write(target, json.dumps(notebook, ensure_ascii=False))


def stage_markdown(path: Path, target: Path, title: str | None) -> None:
    """Write a copy of a Markdown file for Sphinx, under another title where one is given."""
    text = stage_text(path.read_text(encoding="utf-8"))
    if title:
        text = re.sub(r"\A# .*", f"# {title}", text)
    write(target, text)


def write(path: Path, text: str) -> None:
    """Write a file, and the folder that it lies in."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def stage(root: Path, target: Path, downloads: Path) -> list[str]:
    """Write every page that is made from a file of the course; return their names, in order.

    Parameters
    ----------
    root : the course
    target : the folder that Sphinx reads
    downloads : the folder that is copied into the site as it is: notebooks to download

    Raises
    ------
    SiteError : a notebook without outputs, a term that is defined twice, a hidden line
    """
    terms, pages = glossary(root), []
    for path in chapters(root):
        check_outputs(path, read(path))
        stage_notebook(path, target / "notebooks" / path.name, terms)
        pages.append(f"notebooks/{path.stem}")
    stage_notebook(root / "notebooks/glossary.ipynb", target / "notebooks/glossary.ipynb", set())
    released = downloads / "notebooks" / "exercises"
    release_assignments(root, released)
    for path in exercises(downloads):
        check_released(path)
        relative = path.relative_to(downloads)
        stage_notebook(path, target / relative, terms, base="../../")
        pages.append(relative.with_suffix("").as_posix())
    for path in (*chapters(root), root / "notebooks/glossary.ipynb"):
        (downloads / "notebooks").mkdir(parents=True, exist_ok=True)
        shutil.copy(path, downloads / "notebooks")
    shutil.copytree(root / "notebooks/images", target / "notebooks/images", dirs_exist_ok=True)
    for name, title in MARKDOWN.items():
        stage_markdown(root / name, target / name, title)
    for name in FILES:
        shutil.copy(root / name, target)
    return pages


def check_released(path: Path) -> None:
    """Refuse an assignment that still shows what nbgrader hides."""
    for cell in read(path)["cells"]:
        if any(secret for _, secret in marked_lines(source_of(cell))):
            raise SiteError(f"{path.name} would show a solution or a hidden test")
