"""The recorder: what it shows of a recording, a clip, or a machine without a microphone."""

import re

from course_utils.audio import play
from course_utils.serving.recorder import recorder

import numpy as np
import pytest


def make_recorder():
    def recognise(waveform):
        return (play(waveform, 8000, f"heard {len(waveform)} samples"),)

    tone = np.sin(np.arange(4000) / 5).astype(np.float32)
    return recorder(recognise, {"tone": tone}), tone


def test_recorder_takes_a_clip_and_a_recording():
    widget, tone = make_recorder()
    widget.bundled.value = "tone"
    assert "heard 4000 samples" in widget.page.value
    padded = np.r_[np.zeros(3000), tone, np.zeros(3000)].astype(np.float32)
    widget.microphone.pcm = memoryview(padded.tobytes())
    heard = int(re.search(r"heard (\d+) samples", widget.page.value)[1])
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
    widget, _ = make_recorder()
    widget.microphone.pcm = memoryview(samples.astype(np.float32).tobytes())
    assert reason in widget.page.value and 'role="alert"' in widget.page.value


def test_recorder_shows_why_there_is_no_microphone():
    widget, _ = make_recorder()
    widget.microphone.problem = "This machine has no microphone."
    assert "no microphone" in widget.page.value
