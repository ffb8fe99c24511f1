"""Explorers: what they show when a control moves, and when the values make no sense."""

from course_utils import plotting, widgets
from course_utils.audio import play

import ipywidgets
import matplotlib.pyplot as plt
import numpy as np


def figure_of(value=1.0):
    figure, ax = plt.subplots(figsize=(2, 1))
    ax.plot([0, value])
    return plotting.show(figure, alt=f"A line that rises to {value}")


def test_explorer_redraws_when_a_control_moves():
    explorer = widgets.explore(figure_of, "How high?", value=ipywidgets.FloatSlider(1, max=9))
    slider, status, page = explorer.children[1:]
    assert "rises to 1.0" in page.value
    assert status.controls == [slider.model_id]
    drawn = status.drawn
    slider.value = 5
    assert "rises to 5.0" in page.value and status.drawn == drawn + 1, "the browser is told"
    bundle = explorer._repr_mimebundle_()
    assert bundle["text/plain"] == "Explorer: How high?"
    assert "rises to 5.0" in bundle["text/html"]  # for readers without a kernel


def test_explorer_says_when_values_make_no_sense():
    def draw(value):
        if value > 5:
            raise ValueError("more than five")
        return figure_of(value), play(np.zeros(80), 8000, "nothing")

    explorer = widgets.explore(draw, "How high?", value=ipywidgets.IntSlider(1, max=9))
    assert "<img" in explorer.children[-1].value and "<audio" in explorer.children[-1].value
    explorer.children[1].value = 6
    assert "Not possible:</b> more than five" in explorer.children[-1].value
