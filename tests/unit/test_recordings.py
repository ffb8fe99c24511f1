"""From a recording as people bring it to the word in it."""

from __future__ import annotations

import os
import struct
import sys

from course_utils import corpora
from course_utils.audio import AudioError, rms
from course_utils.serving import recordings
from course_utils.serving.recordings import OffsetFilter, find_word, load_audio, prepare

import numpy as np
import pytest
import scipy.signal
import soundfile
import soxr
from sounds import NO_WORD, noise

RATE = 8000


def tone(seconds=0.5, rate=RATE, hertz=440, peak=0.3) -> np.ndarray:
    time = np.arange(int(seconds * rate)) / rate
    return (peak * np.sin(2 * np.pi * hertz * time)).astype(np.float32)


def spoken(corpus, rng, db: float, at: float) -> tuple[np.ndarray, int, tuple[int, int]]:
    """A clip with the peak 0.3 in 1.6 s of white noise: samples, label, true span."""
    clip = rng.integers(len(corpus))
    word = corpus.waveforms[clip] / np.abs(corpus.waveforms[clip]).max() * 0.3
    samples, start = noise(rng, db), int(at * RATE)
    end = min(len(samples), start + len(word))
    samples[start:end] += word[: end - start]
    return samples.astype(np.float32), int(corpus.labels[clip]), (start, end)


# ---------------------------------------------------------------- offset


def test_an_offset_goes_and_speech_stays(embedded):
    word = embedded.waveforms[3]
    for offset in (0.02, -0.1, 0.5):
        found, plain = OffsetFilter()(word + np.float32(offset)), OffsetFilter()(word)
        np.testing.assert_allclose(found, plain, atol=1e-4)
    assert np.abs(OffsetFilter()(np.full(4000, 0.3, np.float32))).max() < 1e-6
    hertz, response = scipy.signal.freqz(
        OffsetFilter.NUMERATOR, OffsetFilter.DENOMINATOR, worN=[100, 1000], fs=RATE
    )
    assert (20 * np.log10(np.abs(response)) > -0.5).all(), "speech passes unchanged"


@pytest.mark.parametrize("sizes", [[1, 7, 100], [800], [5000, 1]])
def test_pieces_of_a_stream_give_what_the_whole_gives(embedded, sizes):
    word, step, pieces, start = embedded.waveforms[0] + np.float32(0.1), OffsetFilter(), [], 0
    while start < len(word):
        size = sizes[len(pieces) % len(sizes)]
        pieces.append(step(word[start : start + size]))
        start += size
    np.testing.assert_allclose(np.concatenate(pieces), OffsetFilter()(word), atol=1e-6)
    assert step(np.empty(0, np.float32)).shape == (0,)


# ---------------------------------------------------------------- the word


@pytest.mark.parametrize("at", [0.05, 0.2, 0.6, 0.9])
@pytest.mark.parametrize("db", [-70, -45, -40])
def test_a_word_in_noise_is_found_wherever_it_is(embedded, at, db):
    rng = np.random.default_rng(7)
    for _ in range(25):
        samples, _, (start, end) = spoken(embedded, rng, db, at)
        found = prepare(samples + np.float32(0.05), RATE)
        assert found.span is not None, found.problem
        overlap = min(end, found.span[1]) - max(start, found.span[0])
        least = 0.8 if db == -70 else 0.4  # noise hides a weak s
        assert overlap > least * (end - start), "most of the word lies in what was found"
        assert found.span[1] - found.span[0] < end - start + 0.2 * RATE, "and little around it"
        assert len(found.word) == found.span[1] - found.span[0]


@pytest.mark.parametrize("kind", NO_WORD)
def test_a_recording_without_a_word_is_said_to_have_none(kind):
    rng = np.random.default_rng(3)
    found = [prepare(NO_WORD[kind](rng).astype(np.float32), RATE) for _ in range(100)]
    none = [recording for recording in found if recording.span is None]
    assert len(none) >= 95, f"{kind}: {len(none)} of 100 said to be none"
    assert all(len(recording.problem.split()) > 5 for recording in none)
    with pytest.raises(AudioError, match="click|stands out|muted"):
        _ = none[0].word


def test_a_clip_that_is_cut_tightly_keeps_its_word(embedded):
    found = [find_word(OffsetFilter()(clip)) for clip in embedded.waveforms[::5]]
    with_word = [recording for recording in found if recording.span]
    assert len(with_word) >= 0.99 * len(found)
    kept = [len(recording.word) / len(recording.waveform) for recording in with_word]
    assert np.median(kept) > 0.8


def test_noise_is_subtracted_and_a_clean_word_stays(embedded):
    rng = np.random.default_rng(1)
    samples, _, (start, end) = spoken(embedded, rng, -40, 0.6)
    recording = prepare(samples, RATE)
    cleaned = recordings.subtract_noise(recording.waveform, recording.span)
    before, after = (np.std(w[: start - 800]) for w in (recording.waveform, cleaned))
    assert 20 * np.log10(after / before) < -8, "what lies outside of the word is quieter"
    middle = slice(start + 800, end - 800)
    assert np.corrcoef(cleaned[middle], recording.waveform[middle])[0, 1] > 0.98
    clip = embedded.waveforms[0]
    np.testing.assert_array_equal(recordings.subtract_noise(clip, (0, len(clip))), clip)


@pytest.mark.slow
@pytest.mark.parametrize(("db", "least"), [(-45, 59), (-40, 57)])
def test_the_course_recognises_words_in_a_noisy_room(fsdd, db, least):
    """The stored network, which knows these voices, on 60 test clips, at three places each."""
    from course_utils import features, models

    import keras

    network = models.load_trained("digit_network")
    test = corpora.official_split(fsdd).test
    for at in (0.2, 0.6, 0.9):
        rng = np.random.default_rng(0)
        said = [spoken(test, rng, db, at) for _ in range(60)]
        words = [prepare(samples, RATE).word for samples, _, _ in said]
        logits = network(features.network_input(words), training=False)
        found = keras.ops.convert_to_numpy(logits).argmax(axis=1)
        right = int((found == [label for _, label, _ in said]).sum())
        assert right >= least, f"word at {at} s: {right} of 60"


# ---------------------------------------------------------------- files as people have them


def test_any_rate_and_width_becomes_the_same_sound(tmp_path):
    expected = tone()
    for rate in (8000, 16000, 44100, 48000):
        for name, subtype in (("a.wav", "PCM_16"), ("b.flac", "PCM_24"), ("c.wav", "FLOAT")):
            soundfile.write(tmp_path / name, tone(rate=rate), rate, subtype=subtype)
            found = load_audio(tmp_path / name)
            assert found.dtype == np.float32 and abs(len(found) - len(expected)) <= 1
            n = len(expected) - 200
            np.testing.assert_allclose(found[100:n], expected[100:n], atol=0.02)


FOREIGN = {
    "voice.m4a": (b"\0\0\0\x20ftypM4A " + bytes(64), "MPEG-4"),
    "voice.3gp": (b"\0\0\0\x18ftyp3gp4" + bytes(64), "MPEG-4"),
    "voice.wma": (b"\x30\x26\xb2\x75" + bytes(64), "Windows Media"),
    "voice.webm": (b"\x1a\x45\xdf\xa3" + bytes(64), "WebM"),
    "voice.amr": (b"#!AMR\n" + bytes(64), "AMR"),
    "voice.wav": (b"\0\0\0\x20ftypM4A " + bytes(64), "MPEG-4"),
}


@pytest.mark.parametrize("name", FOREIGN)
def test_a_format_that_is_not_read_is_named(name, tmp_path):
    content, kind = FOREIGN[name]
    (tmp_path / name).write_bytes(content)
    with pytest.raises(AudioError, match=f"{name}.*{kind}.*convert it"):
        load_audio(tmp_path / name)


@pytest.mark.parametrize("name", ["samples.raw", "samples.wav", "notes.txt"])
def test_bytes_without_a_header_are_refused_with_a_remedy(name, tmp_path):
    (tmp_path / name).write_bytes(bytes(range(256)) * 40)
    with pytest.raises(AudioError, match=f"{name}.*save it as WAV or FLAC"):
        load_audio(tmp_path / name)


def wav_header(rate: int, n_bytes: int, channels: int = 1) -> bytes:
    parts = b"fmt ", 16, 1, channels, rate, 2 * channels * rate, 2 * channels, 16, b"data", n_bytes
    body = struct.pack("<4sIHHIIHH4sI", *parts)
    return b"RIFF" + struct.pack("<I", min(36 + n_bytes, 2**32 - 1)) + b"WAVE" + body


def test_a_header_that_was_never_finished_is_read(tmp_path):
    samples = (tone() * 32767).astype("<i2").tobytes()
    for n_bytes in (2**32 - 1, 0, len(samples) + 10_000):
        (tmp_path / "unfinished.wav").write_bytes(wav_header(RATE, n_bytes) + samples)
        if n_bytes:
            np.testing.assert_allclose(load_audio(tmp_path / "unfinished.wav"), tone(), atol=1e-3)


@pytest.mark.parametrize("rate", [1, 100, 10_000_000])
def test_a_rate_that_cannot_be_is_said(rate, tmp_path):
    (tmp_path / "odd.wav").write_bytes(wav_header(rate, 8000) + bytes(range(250)) * 32)
    with pytest.raises(AudioError, match=f"odd.wav says that it has {rate} samples a second"):
        load_audio(tmp_path / "odd.wav")


def test_a_file_that_claims_to_be_endless_is_read_to_its_end(tmp_path):
    """A FLAC whose header says 2^36 - 1 samples: memory is not taken on its word."""
    soundfile.write(tmp_path / "long.flac", tone(), RATE)
    content = bytearray((tmp_path / "long.flac").read_bytes())
    content[21:26] = bytes([content[21] | 0x0F, 0xFF, 0xFF, 0xFF, 0xFF])
    (tmp_path / "long.flac").write_bytes(content)
    try:
        assert len(load_audio(tmp_path / "long.flac")) == len(tone())
    except AudioError as error:
        assert "long.flac" in str(error)


def test_what_is_longer_than_ten_minutes_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(recordings, "LONGEST_SECONDS", 2.0)
    soundfile.write(tmp_path / "long.wav", tone(seconds=5), RATE)
    with pytest.raises(AudioError, match="long.wav is longer than.*cut it"):
        load_audio(tmp_path / "long.wav")


def test_floats_as_large_as_whole_numbers_are_said(tmp_path):
    soundfile.write(tmp_path / "big.wav", 32767 * tone(), RATE, subtype="FLOAT")
    with pytest.raises(AudioError, match="big.wav has samples as large as.*divide by 32768"):
        load_audio(tmp_path / "big.wav")
    soundfile.write(tmp_path / "huge.wav", np.full(4000, 3e38, np.float32), 44100, subtype="FLOAT")
    with pytest.raises(AudioError, match="as large as"):
        load_audio(tmp_path / "huge.wav")
    soundfile.write(tmp_path / "loud.wav", 4 * tone(), RATE, subtype="FLOAT")
    assert np.abs(load_audio(tmp_path / "loud.wav")).max() == 1, "a little too loud is clipped"


@pytest.mark.parametrize("residue", [0.0, 1e-4, 3e-3])
def test_channels_that_cancel_each_other_leave_one(residue, tmp_path):
    rng = np.random.default_rng(0)
    left = tone()
    right = -left + residue * rng.normal(size=len(left)).astype(np.float32)
    soundfile.write(tmp_path / "stereo.wav", np.stack([left, right], axis=1), RATE)
    found = load_audio(tmp_path / "stereo.wav")
    assert abs(np.corrcoef(found, left)[0, 1]) > 0.99 and np.abs(found).max() > 0.25


@pytest.mark.skipif(sys.platform != "linux", reason="only there may a name be any bytes")
def test_a_name_that_is_no_text(tmp_path):
    path = os.path.join(os.fsencode(tmp_path), b"w\xf6rt.wav")
    with open(path, "wb") as file:
        file.write(b"no sound")
    with pytest.raises(AudioError) as error:
        load_audio(os.fsdecode(path))
    str(error.value).encode("utf-8")  # can be printed


def test_nan_silence_and_short_clips_are_refused():
    for samples, reason in (
        (np.full(4000, np.nan), "NaN"),
        (np.zeros(4000), "only silence"),
        (tone(0.02), "shorter than one frame"),
    ):
        with pytest.raises(AudioError, match=reason):
            recordings.to_course_format(samples, RATE)


def test_a_resampled_recording_is_found_as_well(embedded):
    samples, _, (start, _) = spoken(embedded, np.random.default_rng(2), -45, 0.6)
    found = prepare(soxr.resample(samples, RATE, 48000), 48000)
    assert abs(found.span[0] - start) < 0.12 * RATE


# ---------------------------------------------------------------- files, good and bad


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
    sound = np.stack([tone(0.5, sample_rate, peak=0.5)] * channels, axis=1)
    soundfile.write(tmp_path / name, sound, sample_rate, subtype=subtype)
    waveform = recordings.load_audio(tmp_path / name)
    assert waveform.dtype == np.float32 and waveform.shape == (4000,)
    spectrum = np.abs(np.fft.rfft(waveform * np.hanning(4000)))
    assert abs(spectrum.argmax() * 2 - 440) <= 2  # bins of 2 Hz
    assert rms(waveform) == pytest.approx(0.5 / np.sqrt(2), rel=0.05)


def test_nothing_above_half_the_rate_folds_back(tmp_path):
    soundfile.write(tmp_path / "high.wav", tone(1, 44100, 7000, peak=0.5), 44100)
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
    for bad in (tone() * 5, np.array([np.nan])):
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
