"""Voice activity: the level in decibels, and when it is voice."""

from course_utils.connected_digits import STREAM_FRONT_END
from course_utils.features import mel_energies
from course_utils.serving.voice_activity import VoiceActivity, level_of

import numpy as np
import pytest
from streams import DIGITS, RATE, SPANS, beep


def levels(waveform):
    return level_of(mel_energies([waveform], STREAM_FRONT_END)[0])


def test_level_is_in_decibels_of_full_scale():
    noise = np.random.default_rng(0).normal(0, 0.1, 80_000).astype(np.float32)
    assert np.mean(levels(noise)) == pytest.approx(-20, abs=0.5)
    sine = np.sin(2 * np.pi * 1000 / RATE * np.arange(8000)).astype(np.float32)
    np.testing.assert_allclose(levels(sine), 10 * np.log10(0.5), atol=0.3)


def activity(waveform):
    judge = VoiceActivity()
    return np.array([judge.update(level) for level in levels(waveform).tolist()])


@pytest.mark.parametrize("noise", [0.0, 1e-3, 1e-2])
def test_voice_is_where_the_tones_are(noise):
    voice = activity(beep(DIGITS, SPANS, 5.0, noise))
    middle = (np.arange(len(voice)) * 80 + 128) / RATE
    truth = np.any([(start < middle) & (middle < end) for start, end in SPANS], axis=0)
    assert np.mean(voice == truth) > 0.96
    edges = np.flatnonzero(np.diff(voice.astype(int)))
    assert len(edges) == 2 * len(SPANS)  # no flutter


def test_a_stream_may_begin_with_a_word():
    voice = activity(beep([4], [(0.0, 0.5)], 1.0, 1e-3))
    assert voice[:45].all() and not voice[52:].any()


def test_louder_noise_becomes_the_floor():
    rng = np.random.default_rng(0)
    noise = np.concatenate([rng.normal(0, 1e-3, 16_000), rng.normal(0, 1e-2, 96_000)])
    voice = activity(noise.astype(np.float32))
    assert not voice[:195].any() and voice[205:400].all() and not voice[1100:].any()


def test_hysteresis():
    judge = VoiceActivity()
    quiet = [judge.update(-60.0) for _ in range(50)]
    between = [judge.update(-54.0) for _ in range(5)]
    loud, still, over = judge.update(-40.0), judge.update(-54.0), judge.update(-58.0)
    assert not any(quiet + between) and loud and still and not over
