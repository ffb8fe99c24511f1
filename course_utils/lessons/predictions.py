"""Questions that are answered before the result is shown (chapter 00)."""

import html

from course_utils.widgets import WIDGET_MIME

import ipywidgets

__all__ = ["Comparison", "Prediction", "predict"]

_chosen: dict[str, str] = {}  # a cell that is run again keeps what was chosen


class Prediction(ipywidgets.VBox):
    """A question with options; `compare` puts the choice beside the result, and changes nothing.

    A notebook that is read without a kernel shows the question and its options as a list.
    """

    def __init__(self, question: str, options: tuple[str, ...]):
        if len(set(options)) < 2 or len(set(options)) < len(options):
            raise ValueError(f"a question needs two different options or more, not {options}")
        self.question, self.options = question, options
        self.radio = ipywidgets.RadioButtons(
            options=options, value=_chosen.get(question), layout={"width": "max-content"}
        )
        self.radio.observe(self._keep, names="value")
        heading = ipywidgets.HTML(f"<b>🔮 Predict: {html.escape(question)}</b>")
        super().__init__([heading, self.radio])

    def _keep(self, change: dict) -> None:
        _chosen[self.question] = change["new"]

    def compare(self, result: str, because: str = "") -> "Comparison":
        """Return the choice beside the result.

        result : the option that turned out to be right; ValueError if it is none of them
        because : a sentence or two that explain the result
        """
        if result not in self.options:
            raise ValueError(f"{result!r} is none of the options {self.options}")
        return Comparison(self.radio.value, result, because)

    def _repr_mimebundle_(self, **kwargs) -> dict:
        items = "".join(f"<li>{html.escape(option)}</li>" for option in self.options)
        return {
            "text/plain": f"Predict: {self.question} " + " / ".join(self.options),
            "text/html": f"<p><b>🔮 Predict: {html.escape(self.question)}</b> "
            f"<i>Run the cell to choose.</i></p><ul>{items}</ul>",
            WIDGET_MIME: {"version_major": 2, "version_minor": 0, "model_id": self.model_id},
        }


class Comparison:
    """What was expected, what came, and why."""

    def __init__(self, expected: str | None, result: str, because: str):
        self.expected, self.result, self.because = expected, result, because

    def _lines(self) -> list[str]:
        if self.expected is None:
            first = "You chose nothing above: choose first next time, it makes the result stick."
        else:
            first = f"You expected: {self.expected}"
        verdict = "" if self.expected is None else " ✅" if self.expected == self.result else " ❌"
        return [first, f"The result: {self.result}{verdict}", *[self.because] * bool(self.because)]

    def __repr__(self) -> str:
        return "\n".join(self._lines())

    def _repr_html_(self) -> str:
        return "<p>" + "<br>".join(html.escape(line) for line in self._lines()) + "</p>"


def predict(question: str, *options: str) -> Prediction:
    """Ask what the reader expects; the answer stays, also when the cell is run again."""
    return Prediction(question, options)
