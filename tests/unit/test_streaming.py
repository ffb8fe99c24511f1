"""The streaming recogniser against Keras on the whole clip, and against sounds made to measure."""

import dataclasses
import functools
import json
import subprocess
import sys

from course_utils import connected_digits, models
from course_utils.audio import AudioError
from course_utils.serving import streaming
from course_utils.serving.recordings import OffsetFilter
from course_utils.serving.step_network import LayerError
from course_utils.serving.streaming import Stream, StreamingRecogniser

import numpy as np
import pytest
from sounds import NO_WORD
from streams import (
    CUTS,
    DIGITS,
    NETWORKS,
    RATE,
    SPANS,
    beep,
    cut,
    offline_logits,
    randomise,
    tone_network,
)


class Harness:
    """Holds a stream to what Keras says of the whole clip, which is computed once."""

    def __init__(self, build, waveform):
        self.model, self.waveform = randomise(build, waveform), waveform
        self.recogniser = StreamingRecogniser(self.model)
        self.offline = offline_logits(self.model, waveform)
        silence = np.zeros(round(streaming.FLUSH_SECONDS * RATE), np.float32)
        level = OffsetFilter()(waveform)
        padded = offline_logits(self.model, np.concatenate([level, silence]))
        self.text = " ".join(map(str, connected_digits.greedy_decode(padded)))
        assert len(self.text) > 10

    @functools.lru_cache  # noqa: B019  (a module's harness)
    def assert_streaming_equals_offline(self, how):
        """Fail unless the logits and the text are those of the whole; return the events."""
        stream = self.recogniser.stream()
        logits = np.concatenate([stream.advance(piece) for piece in cut(self.waveform, how)])
        assert logits.shape == self.offline.shape
        np.testing.assert_allclose(logits, self.offline, atol=1e-4)

        stream = self.recogniser.stream()
        events = [event for piece in cut(self.waveform, how) for event in stream.accept(piece)]
        events += stream.finish()
        assert " ".join(event.text for event in events if event.kind == "final") == self.text
        return events


@pytest.fixture(autouse=True)
def every_symbol_is_believed(request, monkeypatch):
    """A network with random weights speaks where there is no voice."""
    if "harness" in request.fixturenames:
        monkeypatch.setattr(streaming, "LEAST_VOICE_FRAMES", 0)


@pytest.fixture(scope="module", params=NETWORKS)
def harness(request, waveform):
    return Harness(NETWORKS[request.param], waveform)


@pytest.mark.parametrize("how", CUTS.values(), ids=CUTS)
def test_streaming_equals_offline(harness, how):
    harness.assert_streaming_equals_offline(how)


def test_events_do_not_depend_on_the_cut(harness):
    first, *others = [harness.assert_streaming_equals_offline(how) for how in (1, 800, None)]
    for events in others:
        for event, expected in zip(events, first, strict=True):
            event = dataclasses.replace(event, probability=expected.probability)
            assert event == expected


@pytest.mark.parametrize("what", ["states", "samples", "previous"])
def test_the_harness_sees_a_state_that_is_dropped(monkeypatch, harness, what):
    fresh = getattr(harness.recogniser.stream(), what)
    accept, advance = Stream.accept, Stream.advance

    def forget(method):
        def forgetful(self, samples):
            setattr(self, what, fresh)
            return method(self, samples)

        return forgetful

    monkeypatch.setattr(Stream, "accept", forget(accept))
    monkeypatch.setattr(Stream, "advance", forget(advance))
    again = Harness.assert_streaming_equals_offline.__wrapped__  # not what is remembered
    with pytest.raises(AssertionError):
        again(harness, 800)


def test_streams_do_not_disturb_each_other(harness):
    recogniser, waveform = harness.recogniser, harness.waveform
    alone = recogniser.stream()
    expected = alone.accept(waveform) + alone.finish()
    one, other = recogniser.stream(), recogniser.stream()
    events = []
    for piece in cut(waveform, 700):
        events += one.accept(piece)
        other.accept(piece[::-1] / 2)
    events += one.finish()
    assert [event.text for event in events] == [event.text for event in expected]


def test_latency():
    recogniser = StreamingRecogniser(models.connected_digit_network())
    assert recogniser.latency == (256 + 3 * 80) / RATE


def test_another_network_is_refused():
    with pytest.raises(LayerError, match="looks ahead"):
        StreamingRecogniser(models.digit_network(98, 40))
    with pytest.raises(ValueError, match="40 bands to 11 symbols expected, given one from 20 to 7"):
        StreamingRecogniser(models.connected_digit_network(20, 7))


def test_keras_is_not_needed_to_import():
    code = "import sys, course_utils.serving.streaming; sys.exit('keras' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


# ---------------------------------------------------------------- tones: digits made to measure


@pytest.fixture(scope="module")
def tones():
    return StreamingRecogniser(tone_network())


@pytest.mark.parametrize("size", [33, 800, 100_000])
def test_events_have_the_text_and_times_of_the_sound(tones, size):
    stream, events, heard = tones.stream(), [], []
    waveform = beep(DIGITS, SPANS, 5.0, noise=0.001)
    for start in range(0, len(waveform), size):
        new = stream.accept(waveform[start : start + size])
        heard += [(start + size) / RATE] * len(new)
        events += new
    assert stream.finish() == ()  # all was said
    kinds = ["partial"] * 3 + ["final"] + ["partial"] * 2 + ["final"]
    assert [event.kind for event in events] == kinds
    texts = ["3", "3 3", "3 3 7", "3 3 7", "9", "9 1", "9 1"]
    assert [event.text for event in events] == texts
    assert events[3].symbols == (3, 3, 7) and events[6].symbols == (9, 1)
    one_output = 0.04 + 0.032  # of 4 frames, and the window
    np.testing.assert_allclose(events[3].times, [0.5, 0.9, 1.4], atol=one_output)
    np.testing.assert_allclose(events[6].times, [2.9, 3.4], atol=one_output)
    ends = [(events[3].start, events[3].end), (events[6].start, events[6].end)]
    np.testing.assert_allclose(ends, [(0.5, 1.6), (2.9, 3.6)], atol=one_output)
    assert events[3].probability > 0.99 and events[6].probability > 0.99
    if size == 33:  # answers come as soon as they can: outputs and the endpoint, no later
        np.testing.assert_array_less(heard[:3], np.array([0.5, 0.9, 1.4]) + 2 * one_output)
        assert 1.6 + 0.8 < heard[3] < 1.6 + 0.8 + 2 * one_output
    assert json.loads(json.dumps(dataclasses.asdict(events[3])))["symbols"] == [3, 3, 7]


def test_finish_says_what_is_left(tones):
    stream = tones.stream()
    partial = stream.accept(beep([5, 5], [(0.1, 0.3), (0.4, 0.6)], 0.6))
    (final,) = stream.finish()
    assert [event.text for event in partial] == ["5", "5 5"] and final.text == "5 5"
    assert final.kind == "final"
    for late in (lambda: stream.accept(np.zeros(8, np.float32)), stream.finish):
        with pytest.raises(RuntimeError, match=r"begin another with recogniser.stream\(\)"):
            late()


def test_a_word_at_the_very_end_is_read(tones):
    stream = tones.stream()
    waveform = beep([8], [(0.44, 0.53)], 0.53)  # too short to be believed before the end
    assert stream.accept(waveform) == ()
    assert [event.text for event in stream.finish()] == ["8", "8"]


def test_noise_does_not_keep_an_utterance_open(tones):
    noise = np.random.default_rng(0).normal(0, 0.005, 40_000).astype(np.float32)
    waveform = beep([2], [(1.0, 1.3)], 6.0)
    waveform[8000:] += noise[:40_000]  # loud from the word on: voice, for its level
    events = tones.stream().accept(waveform)
    assert [event.kind for event in events] == ["partial", "final"]


def test_an_utterance_without_end_is_ended(tones):
    spans = [(i / 2, i / 2 + 0.4) for i in range(140)]
    stream = tones.stream()
    events = stream.accept(beep([i % 10 for i in range(140)], spans, 70.0))
    events += stream.finish()
    finals = [event for event in events if event.kind == "final"]
    assert [round(event.end - event.start) for event in finals] == [30, 30, 10]
    assert sum((event.symbols for event in finals), ()) == tuple(i % 10 for i in range(140))


def test_nothing_is_heard_in_ten_minutes_of_silence(tones):
    def size(stream):
        numbers = len(stream.voice) + len(stream.symbols) + len(stream.times)
        arrays = [*stream.states, stream.samples]  # a view keeps all of its base
        return sum((a if a.base is None else a.base).nbytes for a in arrays) + numbers

    for level in (0.0, 1e-3):
        stream, sizes = tones.stream(), set()
        second = np.random.default_rng(0).normal(0, level, RATE).astype(np.float32)
        for _ in range(600):
            assert stream.accept(second) == ()
            sizes.add(size(stream))
        assert max(sizes) < 10_000 and stream.seconds == 600
        assert stream.finish() == ()


# ---------------------------------------------------------------- bad input


@pytest.mark.parametrize(
    ("piece", "reason"),
    [
        (np.zeros(80, np.int16), "int16.*divide 16-bit samples by 32768"),
        (np.zeros((80, 2), np.float32), r"\(80, 2\).*mean over channels"),
        (np.float32(0.5), r"float32 \(\)"),
        (np.zeros(80, complex), "complex128"),
        (np.array(["a"]), "<U1"),
        (b"\x00\x01", "S"),
        (np.full(80, np.nan), "nan.*where NaN comes from"),
        (np.full(80, np.inf), "inf"),
        (np.full(80, 3200.0), r"3200, numbers in \[-1, 1\] are expected: divide 16-bit"),
    ],
)
def test_a_bad_piece_is_refused_and_the_stream_goes_on(tones, piece, reason):
    waveform = beep([6], [(0.2, 0.5)], 1.0)
    stream = tones.stream()
    events = stream.accept(waveform[:3000])
    with pytest.raises(AudioError, match=reason):
        stream.accept(piece)
    events += stream.accept(waveform[3000:]) + stream.finish()
    whole = tones.stream()
    assert events == whole.accept(waveform) + whole.finish()


def test_one_bad_sample_in_a_long_piece_is_refused_before_any_is_heard(tones):
    stream = tones.stream()
    waveform = beep([6], [(0.2, 0.5)], 3.0)
    waveform[-1] = np.nan
    with pytest.raises(AudioError, match="nan"):
        stream.accept(waveform)
    assert stream.seconds == 0


def test_other_widths_of_float_are_taken(tones):
    waveform = beep([6], [(0.2, 0.5)], 1.0)
    assert tones.stream().accept(waveform.astype(np.float64)) == tones.stream().accept(waveform)
    assert tones.stream().accept([]) == ()


def test_another_sample_rate_is_refused(tones):
    with pytest.raises(AudioError, match="16000 Hz was announced, 8000 Hz is expected"):
        tones.stream(sample_rate=16_000)


# ---------------------------------------------------------------- the trained network


def test_digits_are_found_where_they_were_said(embedded):
    recogniser = StreamingRecogniser(models.load_trained("connected_digit_network"))
    said = connected_digits.compose(embedded, 20, seed=5)
    right = 0
    for waveform, target, spans in zip(said.waveforms, said.targets, said.spans):
        stream = recogniser.stream()
        events = [event for piece in cut(waveform, 800) for event in stream.accept(piece)]
        finals = [event for event in (*events, *stream.finish()) if event.kind == "final"]
        symbols = sum((event.symbols for event in finals), ())
        if symbols != tuple(target):
            continue
        right += 1
        times = np.concatenate([event.times for event in finals])
        assert np.all((times > spans[:, 0]) & (times < spans[:, 1] + 0.4)), (times, spans)
        assert abs(finals[0].start - spans[0, 0]) < 0.4
        assert abs(finals[-1].end - spans[-1, 1]) < 0.8
    assert right >= 15


# ---------------------------------------------------------------- sound as people have it


def text_of(recogniser, waveform: np.ndarray) -> str:
    stream, events = recogniser.stream(), []
    for start in range(0, len(waveform), 800):
        events += stream.accept(waveform[start : start + 800])
    finals = (event.text for event in (*events, *stream.finish()) if event.kind == "final")
    return " ".join(finals)


@pytest.fixture(scope="module")
def trained():
    network = models.load_trained("connected_digit_network")
    return StreamingRecogniser(network, streaming.LEAST_PROBABILITY)  # as the service does


def test_an_offset_adds_no_digit(trained, embedded):
    spoken = connected_digits.compose(embedded, 12, seed=7)
    plain = [text_of(trained, 0.85 * waveform) for waveform in spoken.waveforms]
    for offset in (0.02, 0.05, 0.1):
        shifted = [text_of(trained, 0.85 * w + np.float32(offset)) for w in spoken.waveforms]
        assert shifted == plain, f"offset {offset}"


def test_a_doubtful_symbol_is_not_believed():
    stream = StreamingRecogniser(tone_network(), least_probability=0.7).stream()
    stream.voice.extend([True] * 1000)
    stream.voiced = 100
    logits = np.full((5, 11), -9.0, np.float32)
    logits[[0, 1, 2, 3, 4], [3, 3, 5, 10, 7]] = 0
    logits[2, 6] = -0.2  # two symbols are about as likely
    logits[1, 4] = -0.2  # but what was believed goes on
    assert list(stream.read(logits))[-1].text == "3 7"


@pytest.mark.parametrize("kind", NO_WORD)
def test_what_is_no_word_is_no_digit(trained, kind):
    rng = np.random.default_rng(3)
    sounds = (NO_WORD[kind](rng) for _ in range(20))
    said = [text_of(trained, np.clip(sound, -1, 1).astype(np.float32)) for sound in sounds]
    assert sum(text == "" for text in said) >= 19, said
