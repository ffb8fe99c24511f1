"""Sliders that redraw a figure (chapter 00)."""

import html
from collections.abc import Callable
from pathlib import Path

from course_utils.audio import Players
from course_utils.plotting import Picture

import anywidget
import ipywidgets
import traitlets

__all__ = ["WIDGET_MIME", "Explorer", "explore"]

WIDGET_MIME = "application/vnd.jupyter.widget-view+json"


class Status(anywidget.AnyWidget):
    """Says in the page that the kernel does not answer; names the sliders for screen readers."""

    _esm = Path(__file__).with_name("explorer.js")
    controls = traitlets.List(traitlets.Unicode()).tag(sync=True)
    drawn = traitlets.Int(0).tag(sync=True)


class Explorer(ipywidgets.VBox):
    """Controls above a page; its text is its title, so that the tests can compare it.

    A notebook that is read without a kernel shows the page as it was first drawn.
    """

    def __init__(self, title: str, controls: list[ipywidgets.Widget], page: ipywidgets.HTML):
        heading = ipywidgets.HTML(f"<b>🎛️ {title}</b>")
        self.status = Status(controls=[control.model_id for control in controls])
        super().__init__([heading, *controls, self.status, page])
        self.title, self.page = title, page
        self.add_class("course-explorer")

    def show(self, page: str) -> None:
        """Show a page, and tell the browser that a moved control was answered."""
        self.page.value = page
        self.status.drawn += 1

    def _repr_mimebundle_(self, **kwargs) -> dict:
        note = "<i>Run the cell to move the controls.</i>"
        return {
            "text/plain": f"Explorer: {self.title}",
            "text/html": f"<p><b>🎛️ {self.title}</b> {note}</p>{self.page.value}",
            WIDGET_MIME: {"version_major": 2, "version_minor": 0, "model_id": self.model_id},
        }


def explore(
    draw: Callable[..., Picture | Players | tuple[Picture | Players, ...]],
    title: str,
    **controls: ipywidgets.Widget,
) -> Explorer:
    """Let the student move the arguments of `draw` and see, or hear, what changes.

    draw : called with the controls' values as keywords; returns what `show` or `play`
        returns, or a tuple of them
    title : a heading that says what to find out
    controls : ipywidgets, by the name of the argument each sets
    """
    explorer = Explorer(title, list(controls.values()), ipywidgets.HTML())

    def redraw(_change=None) -> None:
        try:
            parts = draw(**{name: control.value for name, control in controls.items()})
        except ValueError as error:  # a combination of values that makes no sense: say so
            explorer.show(f'<p role="alert"><b>Not possible:</b> {html.escape(str(error))}</p>')
            return
        parts = parts if isinstance(parts, tuple) else (parts,)
        explorer.show("".join(part.page for part in parts))

    for name, control in controls.items():
        if not control.description:
            control.description = name.replace("_", " ")
        control.style.description_width = "initial"
        if hasattr(control, "continuous_update"):
            control.continuous_update = False
            control.layout.width = "420px"
        control.observe(redraw, names="value")
    redraw()
    return explorer
