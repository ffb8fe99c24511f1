"""The pages that people read: feedback, and what nbgrader's Formgrader shows.

Nothing in them comes from another machine: formulas are MathML, which browsers draw by
themselves, so they appear offline and in a page that is sent around. What a student wrote is
shown, not obeyed.
"""

import html
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

from course_utils.instructors.cells import marked_lines, role, source_of
from course_utils.instructors.feedback import DATA

from jinja2 import BytecodeCache, pass_context
from latex2mathml.converter import convert as to_mathml
from nbconvert.exporters import HTMLExporter
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from nbgrader import server_extensions
from nbgrader.preprocessors import NbGraderPreprocessor
from traitlets import List

__all__ = ["TEMPLATES", "FeedbackPage", "KeepHidden", "NameTasks", "markdown_to_html"]

TITLE = re.compile(r"^#{1,4} +(Task \d+[^\n(]*)", re.M)
TEMPLATES = [  # where nbconvert looks for parts of a page: ours first, then nbgrader's
    str(Path(__file__).parent / "templates"),
    str(Path(server_extensions.formgrader.__file__).parent / "templates"),
]


def formula(body: str, display: str) -> str:
    """Return a formula in TeX as MathML, or as it is where it cannot be read."""
    if len(body) < 2000:
        try:
            drawn = to_mathml(body.strip(), display=display)
            return re.sub(r' (?:href|style|class|id)="[^"]*"', "", drawn)
        except Exception:  # it is the student's; the converter has no class of errors
            pass
    mark = "$$" if display == "block" else "$"
    return f"<code>{html.escape(f'{mark}{body}{mark}')}</code>"


class Renderer(IPythonRenderer):
    """Markdown as HTML: formulas as MathML; with `escape`, nothing that a student could misuse."""

    def block_math(self, body: str) -> str:
        """Draw a formula on a line of its own."""
        return f"<p>{formula(body, 'block')}</p>"

    def inline_math(self, body: str) -> str:
        """Draw a formula in a line."""
        return formula(body, "inline")

    def latex_environment(self, name: str, body: str) -> str:
        """Draw an environment of TeX."""
        text = f"\\begin{{{name}}}{body}\\end{{{name}}}"
        return f"<p>{formula(text, 'block')}</p>"

    def block_mermaidjs(self, code: str) -> str:
        """Show the text of a diagram; drawing it takes a script from elsewhere."""
        return f"<pre>{html.escape(code)}</pre>"

    def image(self, text: str, url: str, title: str | None = None) -> str:
        """Show a picture: one that is attached, and in given text any."""
        if not url.startswith("attachment:"):
            return html.escape(text) if self._escape else super().image(text, url, title)
        attached = self.attachments.get(url.removeprefix("attachment:"), {})
        for kind, data in attached.items():
            data = "".join(data.split()) if isinstance(data, str) else ""
            if DATA.fullmatch(source := f"data:{kind};base64,{data}"):
                return f'<img src="{source}" alt="{html.escape(text)}">'
        return f"({html.escape(text) or 'picture'})"


@pass_context
def markdown_to_html(context, source: str) -> str:
    """Take the place of nbconvert's filter of that name."""
    cell = context.get("cell", {})
    marks = cell.get("metadata", {}).get("nbgrader", {})
    renderer = Renderer(
        escape=not marks.get("locked"),
        allow_harmful_protocols=False,
        attachments=cell.get("attachments", {}),
        exclude_anchor_links=True,
    )
    return MarkdownWithMath(renderer=renderer).render(source)


# ---------------------------------------------------------------- what becomes of a notebook


class KeepHidden(NbGraderPreprocessor):
    """Leave hidden tests and marking schemes out of the feedback, so that they stay hidden.

    What a test printed stays: it says which part was tried, and what was wrong.
    """

    display_data_priority: List = List().tag(config=True)  # the HTML exporter sets it

    def preprocess_cell(self, cell, resources, index):
        """Cut the hidden lines, and the traceback that would show them."""
        visible = [line for line, hidden in marked_lines(cell.source) if not hidden]
        if len(visible) < len(cell.source.splitlines()):
            cell.source = "\n".join(visible)
            for output in cell.get("outputs", []):
                if output.output_type == "error":
                    output.traceback = [f"{output.ename}: {output.evalue}"]
        return cell, resources


def tasks_of(nb) -> Iterator[tuple[Any, str]]:
    """Yield each cell of a notebook with the heading of the task that it belongs to, or ''."""
    title = ""
    for cell in nb.cells:
        if cell.cell_type == "markdown" and cell.metadata.get("nbgrader", {}).get("locked"):
            found = TITLE.search(source_of(cell))
            title = found[1].strip() if found else title
        yield cell, title


class NameTasks(NbGraderPreprocessor):
    """Put the name of its task over each test."""

    display_data_priority: List = List().tag(config=True)

    def preprocess(self, nb, resources):
        """Go through the cells, and remember the last heading of a task."""
        for cell, title in tasks_of(nb):
            if title and role(cell) == "test" and not cell.source.startswith(f"# {title}"):
                cell.source = f"# {title}\n{cell.source}"
        return nb, resources


class _Compiled(BytecodeCache):
    """Templates that this process has compiled before: a class has the same ones for everybody."""

    kept: ClassVar[dict] = {}

    def load_bytecode(self, bucket):
        if bucket.checksum in self.kept:
            bucket.bytecode_from_string(self.kept[bucket.checksum])

    def dump_bytecode(self, bucket):
        self.kept[bucket.checksum] = bucket.bytecode_to_string()


class FeedbackPage(HTMLExporter):
    """nbgrader's page of feedback, with the tasks by their names, and nothing from elsewhere."""

    def _create_environment(self):
        environment = super()._create_environment()
        environment.bytecode_cache = _Compiled()
        return environment

    def from_notebook_node(self, nb, resources=None, **other):
        """Return the page."""
        titles = [title or "Test cell" for cell, title in tasks_of(nb) if role(cell) == "test"]
        page, resources = super().from_notebook_node(nb, resources, **other)
        parts = re.split(r"(?<=\">)Test cell(?=</a> \(Score)", page)
        if len(parts) == len(titles) + 1:
            named = [html.escape(title) + part for title, part in zip(titles, parts[1:])]
            page = "".join([parts[0], *named])
        return page, resources
