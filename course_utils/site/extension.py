"""What Sphinx needs for the site: the theme, and formulas that browsers draw by themselves."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from latex2mathml.converter import convert
from sphinx.application import Sphinx
from sphinx.util import logging

__all__ = ["THEME", "formula", "heading_anchor", "setup"]

THEME = Path(__file__).parent / "theme"
LOG = logging.getLogger(__name__)
LEFT_OVER = re.compile(r">\\[a-zA-Z]+<")  # a command that the converter did not know


def heading_anchor(title: str) -> str:
    """Return the anchor of a heading as JupyterLab names it, so that the chapters' links hold."""
    return title.strip().replace(" ", "-")


def formula(source: str, display: str) -> str:
    """Return a formula in TeX as MathML. Raises ValueError for one that cannot be read."""
    try:
        drawn = convert(source.strip(), display=display)
    except Exception as error:  # the converter has no class of errors
        raise ValueError(f"the formula {source!r} cannot be drawn: {error!r}") from error
    if unknown := LEFT_OVER.search(drawn):
        raise ValueError(f"the formula {source!r} has a command without a picture, {unknown[0]}")
    return drawn


def visit(writer: Any, node: Any) -> None:
    """Write a formula; one that cannot be drawn is a warning, and a warning ends the build."""
    display = "block" if type(node).__name__ == "math_block" else "inline"
    try:
        drawn = formula(node.astext(), display)
    except ValueError as error:
        LOG.warning("%s", error, location=node)
        drawn = ""
    wrapped = f'<div class="formula">{drawn}</div>' if display == "block" else drawn
    writer.body.append(wrapped)
    node.children = []  # its source is not written as well


def add_context(app: Sphinx, page: str, template: str, context: dict, tree: Any) -> None:
    """Tell the theme which notebook a page is made from; let wide tables move by themselves."""
    notebook = next(
        (Path(folder, f"{page}.ipynb") for folder in app.config.html_extra_path), Path("none")
    )
    context["notebook"] = notebook.name if notebook.is_file() else ""
    if "body" in context:
        body = context["body"].replace(' aria-label="Toggle hidden content"', "")  # it hides ours
        body = re.sub(r"<table\b", '<div class="scroll"><table', body)
        context["body"] = body.replace("</table>", "</table></div>")


def setup(app: Sphinx) -> dict:
    """Join Sphinx."""
    app.add_html_theme("course", str(THEME))
    app.add_html_math_renderer("mathml", (visit, None), (visit, None))
    app.connect("html-page-context", add_context)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
