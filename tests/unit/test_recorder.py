"""The recorder: what it shows of a recording, a clip, or a machine without a microphone."""

import re

from course_utils.audio import play
from course_utils.serving.recorder import recorder

import numpy as np
import pytest


@pytest.fixture
def word(embedded):
    return embedded.waveforms[7]


@pytest.fixture
def widget(word):
    """A recorder whose answer says how much it was given; `calls` counts its answers."""

    def recognise(waveform):
        recognise.calls += 1
        return (play(waveform, 8000, f"heard {len(waveform)} samples, {recognise.calls}"),)

    recognise.calls = 0
    return recorder(recognise, {"word <1>": word})


def send(widget, samples=None, source="your recording", problem=""):
    """Do what the browser does: set what there is, then count the request up."""
    microphone = widget.microphone
    if samples is not None:
        microphone.pcm = memoryview(np.asarray(samples, np.float32).tobytes())
    microphone.source, microphone.problem = source, problem
    microphone.request += 1


def heard(widget) -> int:
    return int(re.search(r"heard (\d+) samples", widget.page.value)[1])


def test_a_recording_is_answered_with_its_word_and_the_place_of_it(widget, word):
    rng = np.random.default_rng(0)
    samples = rng.normal(0, 10 ** (-55 / 20), 12800)
    samples[6000 : 6000 + len(word)] += 0.3 * word / np.abs(word).max()
    send(widget, samples)
    assert 0.5 * len(word) < heard(widget) < len(word) + 1600, "the word, not the whole"
    assert "From your recording: a word from 0." in widget.page.value or "<img" in widget.page.value
    assert "with a word from 0." in widget.page.value, "where it was found, for a screen reader too"


def test_what_arrived_is_acknowledged_and_answered(widget, word):
    seen = []
    widget.microphone.observe(lambda change: seen.append((change.name, change.new)), ["received"])
    widget.microphone.observe(lambda change: seen.append((change.name, change.new)), ["answered"])
    send(widget, word)
    assert seen == [("received", 1), ("answered", 1)]
    send(widget, np.zeros(8000))
    assert seen[2:] == [("received", 2), ("answered", 2)], "also where there is no answer"


def test_the_same_recording_and_the_same_clip_are_answered_anew(widget, word):
    send(widget, word)
    send(widget, word)
    send(widget)  # again
    assert "samples, 3" in widget.page.value
    for _ in range(2):
        widget.bundled.value = "word <1>"
        assert widget.bundled.value == "…"
    assert "samples, 5" in widget.page.value
    assert "word &lt;1&gt;" in widget.page.value and "word <1>" not in widget.page.value


@pytest.mark.parametrize(
    ("samples", "reason"),
    [
        (np.zeros(8000), "only silence"),
        (np.ones(10), "shorter than one frame"),
        (np.full(8000, np.nan), "NaN"),
        (np.random.default_rng(0).normal(0, 0.01, 12800), "no word stands out"),
        (50 * np.ones(8000), "as large as"),
    ],
)
def test_recorder_says_what_is_wrong_with_a_recording(widget, samples, reason):
    send(widget, samples, source="<b>.wav")
    assert reason in widget.page.value and 'role="alert"' in widget.page.value
    assert "&lt;b&gt;.wav" in widget.page.value and "<b>.wav" not in widget.page.value


def test_recorder_shows_why_there_is_no_microphone(widget):
    send(widget, problem="This machine has no microphone.")
    assert "no microphone" in widget.page.value
    assert "Nothing was recorded" in (send(widget), widget.page.value)[1]


def test_a_string_is_recorded_longer_and_taken_whole(word):
    lengths = []

    def recognise(waveform):
        lengths.append(len(waveform))
        return (play(waveform, 8000, "heard"),)

    widget = recorder(recognise, {"word": word}, string_seconds=5.0)
    assert (widget.microphone.seconds, widget.microphone.what) == (5.0, "digits")
    assert widget.title.startswith("Say some digits")
    asked = recorder(recognise, {}, string_seconds=5.0, said="a command")
    assert (asked.title, asked.microphone.what) == ("Say a command", "a command")
    samples = np.random.default_rng(0).normal(0, 10 ** (-60 / 20), 40000)
    for start in (8000, 16000, 24000):  # pauses of half a second
        samples[start : start + len(word)] += 0.3 * word / np.abs(word).max()
    samples[36000:36010] += 0.01  # a click afterwards
    send(widget, samples)
    assert 15500 < lengths[-1] < 17500 + len(word), "from the first word to the last"
    assert "with words from 1.0" in widget.page.value or "with words from 0.9" in widget.page.value
    send(widget, np.zeros(40000))
    assert len(lengths) == 1 and "silence" in widget.page.value.lower()
