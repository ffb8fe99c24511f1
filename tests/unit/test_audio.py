"""Sound files, good and bad; levels, mixing, trimming, players."""

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


@pytest.mark.parametrize(
    ("name", "sample_rate", "channels", "subtype"),
    [
        ("stereo.wav", 44100, 2, "PCM_16"),
        ("wide.wav", 48000, 1, "PCM_24"),
        ("float.wav", 16000, 1, "FLOAT"),
        ("bytes.wav", 8000, 1, "PCM_U8"),
        ("six.flac", 22050, 6, "PCM_16"),
        ("music.ogg", 44100, 2, "VORBIS"),
        ("phone.wav", 8000, 1, "ULAW"),
    ],
)
def test_every_format_becomes_the_courses(tmp_path, name, sample_rate, channels, subtype):
    sound = np.stack([tone(0.5, sample_rate)] * channels, axis=1)
    soundfile.write(tmp_path / name, sound, sample_rate, subtype=subtype)
    waveform = audio.load_audio(tmp_path / name)
    assert waveform.dtype == np.float32 and waveform.shape == (4000,)
    spectrum = np.abs(np.fft.rfft(waveform * np.hanning(4000)))
    assert abs(spectrum.argmax() * 2 - 440) <= 2  # bins of 2 Hz
    assert audio.rms(waveform) == pytest.approx(0.5 / np.sqrt(2), rel=0.05)


def test_nothing_above_half_the_rate_folds_back(tmp_path):
    soundfile.write(tmp_path / "high.wav", tone(1, 44100, 7000), 44100)
    waveform = audio.load_audio(tmp_path / "high.wav")
    assert audio.rms(waveform[500:-500]) < 1e-3


BAD = {
    "text.wav": (lambda path: path.write_text("hello"), "not a sound file"),
    "empty.wav": (lambda path: path.write_bytes(b""), "is empty"),
    "no_samples.wav": (lambda path: soundfile.write(path, np.zeros(0), 8000), "0 ms long"),
    "short.wav": (lambda path: soundfile.write(path, tone(0.01), 8000), "10 ms long"),
    "silent.wav": (lambda path: soundfile.write(path, np.zeros(8000), 8000), "only silence"),
    "missing.wav": (lambda path: None, "no such file"),
    "nan.wav": (
        lambda path: soundfile.write(path, np.r_[tone(), np.nan], 8000, subtype="FLOAT"),
        "1 samples that are NaN",
    ),
    "cancel.wav": (
        lambda path: soundfile.write(path, np.c_[tone(), -tone()], 8000, subtype="FLOAT"),
        "channels cancel",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_files_are_named_with_reason_and_remedy(tmp_path, name):
    make, reason = BAD[name]
    make(tmp_path / name)
    with pytest.raises(AudioError, match=reason) as caught:
        audio.load_audio(tmp_path / name)
    assert str(caught.value).startswith(name) and "object at" not in str(caught.value)


def test_save_is_read_back_and_leaves_nothing_half_written(tmp_path, monkeypatch):
    audio.save_audio(tmp_path / "a.wav", tone(), 8000)
    assert np.abs(audio.load_audio(tmp_path / "a.wav") - tone()).max() < 1 / 32000
    before = (tmp_path / "a.wav").read_bytes()
    for bad in (tone() * 3, np.array([np.nan])):
        with pytest.raises(AudioError, match=r"\[-1, 1\]"):
            audio.save_audio(tmp_path / "a.wav", bad, 8000)

    def full_disk(path, *_args, **_kwargs):
        path.write_bytes(b"half")
        raise OSError("No space left on device")

    monkeypatch.setattr(soundfile, "write", full_disk)
    with pytest.raises(OSError, match="No space"):
        audio.save_audio(tmp_path / "a.wav", tone(), 8000)
    assert [path.name for path in tmp_path.iterdir()] == ["a.wav"]
    assert (tmp_path / "a.wav").read_bytes() == before


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
