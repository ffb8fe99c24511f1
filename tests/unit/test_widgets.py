"""Explorers and the recorder: what they show when a control moves, and when it cannot be."""

import re

from course_utils import plotting, widgets
from course_utils.audio import play

import ipywidgets
import matplotlib.pyplot as plt
import numpy as np
import pytest


def figure_of(value=1.0):
    figure, ax = plt.subplots(figsize=(2, 1))
    ax.plot([0, value])
    return plotting.show(figure, alt=f"A line that rises to {value}")


def test_explorer_redraws_when_a_control_moves():
    explorer = widgets.explore(figure_of, "How high?", value=ipywidgets.FloatSlider(1, max=9))
    slider, page = explorer.children[1:]
    assert "rises to 1.0" in page.value
    slider.value = 5
    assert "rises to 5.0" in page.value
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


def make_recorder():
    def recognise(waveform):
        return (play(waveform, 8000, f"heard {len(waveform)} samples"),)

    tone = np.sin(np.arange(4000) / 5).astype(np.float32)
    return widgets.recorder(recognise, {"tone": tone}), tone


def test_recorder_takes_a_clip_and_a_recording():
    recorder, tone = make_recorder()
    recorder.bundled.value = "tone"
    assert "heard 4000 samples" in recorder.page.value
    padded = np.r_[np.zeros(3000), tone, np.zeros(3000)].astype(np.float32)
    recorder.microphone.pcm = memoryview(padded.tobytes())
    heard = int(re.search(r"heard (\d+) samples", recorder.page.value)[1])
    assert 4000 <= heard < 4600


@pytest.mark.parametrize(
    ("samples", "reason"),
    [
        (np.zeros(8000), "only silence"),
        (np.ones(10), "shorter than one frame"),
        (np.full(8000, np.nan), "NaN"),
    ],
)
def test_recorder_says_what_is_wrong_with_a_recording(samples, reason):
    recorder, _ = make_recorder()
    recorder.microphone.pcm = memoryview(samples.astype(np.float32).tobytes())
    assert reason in recorder.page.value and 'role="alert"' in recorder.page.value


def test_recorder_shows_why_there_is_no_microphone():
    recorder, _ = make_recorder()
    recorder.microphone.problem = "This machine has no microphone."
    assert "no microphone" in recorder.page.value
