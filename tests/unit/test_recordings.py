"""Recordings, good and bad, in any format; and back into a file."""

from course_utils.audio import AudioError, rms
from course_utils.serving import recordings

import numpy as np
import pytest
import soundfile


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
    waveform = recordings.load_audio(tmp_path / name)
    assert waveform.dtype == np.float32 and waveform.shape == (4000,)
    spectrum = np.abs(np.fft.rfft(waveform * np.hanning(4000)))
    assert abs(spectrum.argmax() * 2 - 440) <= 2  # bins of 2 Hz
    assert rms(waveform) == pytest.approx(0.5 / np.sqrt(2), rel=0.05)


def test_nothing_above_half_the_rate_folds_back(tmp_path):
    soundfile.write(tmp_path / "high.wav", tone(1, 44100, 7000), 44100)
    waveform = recordings.load_audio(tmp_path / "high.wav")
    assert rms(waveform[500:-500]) < 1e-3


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
        recordings.load_audio(tmp_path / name)
    assert str(caught.value).startswith(name) and "object at" not in str(caught.value)


def test_save_is_read_back_and_leaves_nothing_half_written(tmp_path, monkeypatch):
    recordings.save_audio(tmp_path / "a.wav", tone(), 8000)
    assert np.abs(recordings.load_audio(tmp_path / "a.wav") - tone()).max() < 1 / 32000
    before = (tmp_path / "a.wav").read_bytes()
    for bad in (tone() * 3, np.array([np.nan])):
        with pytest.raises(AudioError, match=r"\[-1, 1\]"):
            recordings.save_audio(tmp_path / "a.wav", bad, 8000)

    def full_disk(path, *_args, **_kwargs):
        path.write_bytes(b"half")
        raise OSError("No space left on device")

    monkeypatch.setattr(soundfile, "write", full_disk)
    with pytest.raises(OSError, match="No space"):
        recordings.save_audio(tmp_path / "a.wav", tone(), 8000)
    assert [path.name for path in tmp_path.iterdir()] == ["a.wav"]
    assert (tmp_path / "a.wav").read_bytes() == before
