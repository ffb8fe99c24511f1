"""Levels, mixing, trimming, players."""

import base64
import io
import re

from course_utils import audio
from course_utils.audio import AudioError

import librosa
import numpy as np
import pytest
import soundfile

RNG = np.random.default_rng(0)


def tone(seconds=0.5, sample_rate=8000, frequency=440.0, level=0.5):
    time = np.arange(round(seconds * sample_rate)) / sample_rate
    return (level * np.sin(2 * np.pi * frequency * time)).astype(np.float32)


@pytest.mark.parametrize("snr_db", [-10, 0, 7.5, 40])
@pytest.mark.parametrize("noise_length", [1000, 30000])
def test_mix_at_snr(snr_db, noise_length):
    clean, noise = tone(), RNG.normal(size=noise_length)
    mixed = audio.mix_at_snr(clean, noise, snr_db, np.random.default_rng(1))
    measured = 20 * np.log10(audio.rms(clean) / audio.rms(mixed - clean))
    assert measured == pytest.approx(snr_db, abs=0.05)


def test_mix_at_snr_refuses_silence():
    with pytest.raises(AudioError, match="silent"):
        audio.mix_at_snr(tone(), np.zeros(100), 0, RNG)


def test_trim_silence_cuts_as_librosa_does():
    quiet = 1e-4 * RNG.normal(size=3000)
    waveform = np.r_[quiet, tone(0.4), quiet].astype(np.float32)
    ours = audio.trim_silence(waveform, 8000)
    theirs, _ = librosa.effects.trim(waveform, top_db=30, frame_length=256, hop_length=64)
    assert abs(len(ours) - len(theirs)) <= 128
    assert 0.39 < len(ours) / 8000 < 0.47
    assert len(audio.trim_silence(tone(), 8000)) == len(tone())


def test_decibels():
    assert audio.decibels(1.0) == 0
    assert audio.decibels(0.1) == pytest.approx(-20)
    assert audio.decibels(0.0) == -120


def test_every_player_has_a_label_and_keeps_its_level():
    players = audio.play({"a <b>": tone(level=0.25), "two": tone()}, 8000, label="Both")
    page = players._repr_mimebundle_()["text/html"]
    assert re.findall(r'<audio [^>]*aria-label="([^"]*)"', page) == ["a &lt;b&gt;", "two"]
    assert 'role="group" aria-label="Both"' in page
    assert players.text == "Players: a <b> (0.50 s), two (0.50 s)"
    data = base64.b64decode(re.search(r"base64,([^\"]*)", page)[1])
    sound, sample_rate = soundfile.read(io.BytesIO(data))
    assert sample_rate == 8000 and np.abs(sound).max() == pytest.approx(0.25, abs=1e-3)
