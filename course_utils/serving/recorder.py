"""Speak to a recogniser in a notebook: a microphone, a file or a bundled clip (chapter 00)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from course_utils.audio import AudioError, Players, trim_silence
from course_utils.corpora import SAMPLE_RATE
from course_utils.plotting import Picture
from course_utils.serving.recordings import to_course_format
from course_utils.widgets import Explorer

import anywidget
import ipywidgets
import numpy as np
import traitlets

__all__ = ["Microphone", "recorder"]


class Microphone(anywidget.AnyWidget):
    """A button that records, and a file picker beside it; the browser sends the samples.

    `pcm` is a buffer of float32 samples, mono, at `sample_rate` Hz; `source` says where
    they come from; `problem` is the browser's reason when there is no microphone.
    """

    # `Any`: the buffer arrives as a memoryview, which `traitlets.Bytes` drops silently
    pcm = traitlets.Any(None, allow_none=True).tag(sync=True)
    sample_rate = traitlets.Int(SAMPLE_RATE).tag(sync=True)
    seconds = traitlets.Float(1.6).tag(sync=True)
    source = traitlets.Unicode("").tag(sync=True)
    problem = traitlets.Unicode("").tag(sync=True)

    _css = Path(__file__).with_name("microphone.css")
    _esm = Path(__file__).with_name("microphone.js")


def recorder(
    recognise: Callable[[np.ndarray], tuple[Picture | Players, ...]],
    clips: Mapping[str, np.ndarray],
    sample_rate: int = SAMPLE_RATE,
) -> Explorer:
    """Record a word, or take a file or a bundled clip, and show what `recognise` returns.

    Parameters
    ----------
    recognise : given a waveform (samples,), trimmed of silence; returns what `show` and
        `play` return
    clips : bundled clips by name, for who has no microphone
    sample_rate : Hz, of the clips and of what `recognise` is given
    """
    microphone = Microphone(sample_rate=sample_rate)
    bundled = ipywidgets.Dropdown(
        options=["…", *clips],
        description="or a bundled clip:",
        style={"description_width": "initial"},
    )
    page = ipywidgets.HTML()

    def respond(samples: np.ndarray, name: str) -> None:
        page.value = '<p role="status">Listening…</p>'
        try:
            waveform = to_course_format(samples, sample_rate, sample_rate, name=name)
            waveform = trim_silence(waveform, sample_rate)
            page.value = "".join(part.page for part in recognise(waveform))
        except (AudioError, ValueError) as error:
            page.value = f'<p role="alert">{error}</p>'

    def on_recording(change) -> None:
        if change.new is not None:
            respond(np.frombuffer(change.new, np.float32), microphone.source or "The recording")

    def on_problem(change) -> None:
        if change.new:
            page.value = f'<p role="alert">{change.new}</p>'

    def on_clip(change) -> None:
        if change.new in clips:
            respond(clips[change.new], change.new)

    microphone.observe(on_recording, names="pcm")
    microphone.observe(on_problem, names="problem")
    bundled.observe(on_clip, names="value")
    words = ipywidgets.HTML(
        "🎙️ Nothing that you say leaves this machine. No microphone? Choose a sound file, or one "
        "of the bundled clips: the recogniser treats all alike."
    )
    explorer = Explorer("Say one digit, zero to nine", [words, microphone, bundled], page)
    explorer.microphone, explorer.bundled = microphone, bundled
    return explorer
