"""Speak to a recogniser in a notebook: a microphone, a file or a bundled clip (chapter 00)."""

from __future__ import annotations

import html
from collections.abc import Callable, Mapping
from pathlib import Path

from course_utils.audio import AudioError, Players
from course_utils.corpora import SAMPLE_RATE
from course_utils.plotting import COLOURS, Picture, plot_waveform, show
from course_utils.serving.recordings import Recording, prepare
from course_utils.widgets import Explorer

import anywidget
import ipywidgets
import matplotlib.pyplot as plt
import numpy as np
import traitlets

__all__ = ["Microphone", "recorder"]


class Microphone(anywidget.AnyWidget):
    """A button that records, and a file picker beside it; the browser sends the samples.

    Each time that the browser wants an answer it counts `request` up; `received` and `answered`
    follow from here, so that nothing is called sent which did not arrive. `pcm` is a buffer of
    float32 samples, mono, at `sample_rate` Hz; `length` is theirs in seconds; `source` says
    where they come from; `problem` is the browser's reason when there is no microphone. It
    records for `seconds`; `what` is said stands on the button.
    """

    # `Any`: the buffer arrives as a memoryview, which `traitlets.Bytes` drops silently
    pcm = traitlets.Any(None, allow_none=True).tag(sync=True)
    sample_rate = traitlets.Int(SAMPLE_RATE).tag(sync=True)
    seconds = traitlets.Float(1.6).tag(sync=True)
    what = traitlets.Unicode("a digit").tag(sync=True)
    length = traitlets.Float(0.0).tag(sync=True)
    source = traitlets.Unicode("").tag(sync=True)
    problem = traitlets.Unicode("").tag(sync=True)
    request = traitlets.Int(0).tag(sync=True)
    received = traitlets.Int(0).tag(sync=True)
    answered = traitlets.Int(0).tag(sync=True)

    _css = Path(__file__).with_name("microphone.css")
    _esm = Path(__file__).with_name("microphone.js")


def show_word(recording: Recording, source: str, found: str = "a word") -> Picture:
    """Draw a recording with the place where its word, or words, were found."""
    figure, ax = plt.subplots(figsize=(9.5, 1.3))
    plot_waveform(ax, recording.waveform, SAMPLE_RATE)
    if recording.span:
        start, end = (sample / SAMPLE_RATE for sample in recording.span)
        ax.axvspan(start, end, color=COLOURS[4], alpha=0.3)
    where = f"{found} from {start:.2f} to {end:.2f} s" if recording.span else "no word"
    ax.set_title(f"From {source}: {where}")
    return show(figure, alt=f"Waveform of {source}, with {where} marked.")


def recorder(
    recognise: Callable[[np.ndarray], tuple[Picture | Players, ...]],
    clips: Mapping[str, np.ndarray],
    string_seconds: float | None = None,
    said: str | None = None,
) -> Explorer:
    """Record a word, or take a file or a bundled clip, and show what `recognise` returns.

    Parameters
    ----------
    recognise : given the word that `recordings.prepare` found, (samples,) at 8 kHz; returns
        what `show` and `play` return
    clips : bundled clips by name, at 8 kHz, for who has no microphone
    string_seconds : record for so long, and take all words that were said, not one (chapter 08)
    said : what to say, if not digits, such as ``"a command"`` (chapter 14)
    """
    several = string_seconds is not None
    microphone = Microphone(seconds=string_seconds, what="digits") if several else Microphone()
    microphone.what = said or microphone.what
    bundled = ipywidgets.Dropdown(
        options=["…", *clips],
        description="or a bundled clip:",
        style={"description_width": "initial"},
    )
    page = ipywidgets.HTML()
    last: tuple[np.ndarray, str] | None = None

    def respond(samples: np.ndarray, source: str) -> None:
        nonlocal last
        last = samples, source
        page.value = '<p role="status">Listening…</p>'
        try:
            recording = prepare(samples, SAMPLE_RATE, name=source, several=several)
            page.value = show_word(recording, source, "words" if several else "a word").page
            parts = recognise(recording.word)
            page.value += "".join(part.page for part in parts)
        except (AudioError, ValueError) as error:
            alert = f'<p role="alert">From {html.escape(source)}: {html.escape(str(error))}</p>'
            page.value = page.value.replace('<p role="status">Listening…</p>', "") + alert

    def on_request(change) -> None:
        microphone.received = change.new
        if microphone.problem:
            page.value = f'<p role="alert">{html.escape(microphone.problem)}</p>'
        elif microphone.pcm is not None:
            respond(np.frombuffer(microphone.pcm, np.float32), microphone.source)
            microphone.pcm = None
        elif last:
            respond(*last)
        else:
            page.value = '<p role="alert">Nothing was recorded or chosen yet.</p>'
        microphone.answered = change.new

    def on_clip(change) -> None:
        if change.new in clips:
            respond(clips[change.new], f"the bundled clip “{change.new}”")
            bundled.value = "…"  # so that the same clip can be chosen again

    microphone.observe(on_request, names="request")
    bundled.observe(on_clip, names="value")
    words = ipywidgets.HTML(
        "🎙️ Nothing that you say leaves this machine. No microphone? Choose a sound file, or one "
        "of the bundled clips: the recogniser treats all alike."
    )
    digits = f"{'some digits' if several else 'one digit'}, zero to nine"
    title = f"Say {said or digits}"
    explorer = Explorer(title, [words, microphone, bundled], page)
    explorer.microphone, explorer.bundled = microphone, bundled
    return explorer
