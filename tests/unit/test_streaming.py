"""The streaming recogniser against Keras on the whole clip, and against sounds made to measure."""

import dataclasses
import json
import subprocess
import sys

from course_utils import connected_digits, corpora, models
from course_utils.serving import streaming
from course_utils.audio import AudioError
from course_utils.serving.streaming import (
    LayerError,
    Recogniser,
    StepNetwork,
    Stream,
    VoiceActivity,
)

import keras
import numpy as np
import pytest
from keras import layers

RATE = 8000
TRAINED = corpora.DATA_FOLDER / "models" / "connected_digit_network.keras"
CUTS = {
    "single samples": 1,
    "1 ms": 8,
    "7 ms": 56,
    "80 samples": 80,
    "100 ms": 800,
    "all at once": None,
    "random": "random",
    "with empty pieces": "empty",
}


def cut(waveform, how):
    """Cut a waveform into pieces in one of the ways of CUTS."""
    if how in ("random", "empty"):
        rng = np.random.default_rng(3)
        at = np.sort(rng.integers(0, len(waveform), 40))
        return np.split(waveform, np.repeat(at, 2) if how == "empty" else at)
    size = how or len(waveform)
    return [waveform[i : i + size] for i in range(0, len(waveform), size)]


def randomise(build, waveform):
    """Build a network with random weights, that reads each symbol now and then."""
    keras.utils.set_random_seed(0)
    model = build()
    rng = np.random.default_rng(0)
    for layer in model.layers:
        for weight in layer.weights if isinstance(layer, layers.BatchNormalization) else ():
            lowest = 0.5 if weight.name in ("gamma", "moving_variance") else 0.0
            weight.assign(rng.uniform(lowest, lowest + 0.5, weight.shape))
    logits = offline_logits(model, waveform)
    scale = 3 / logits.std(axis=0)
    layer.set_weights([layer.kernel * scale, -scale * logits.mean(axis=0)])
    return model


def offline_logits(model, waveform):
    """Return what Keras says of the whole clip: (outputs, symbols)."""
    return keras.ops.convert_to_numpy(
        model(connected_digits.connected_digit_features(waveform)[None])
    )[0]


def other_network():
    """Return a network with what connected_digit_network has not: causal padding, dilation, biases."""
    x = features = keras.Input((None, 40))
    x = layers.Conv1D(24, 4, strides=3, padding="causal")(x)
    x = layers.ReLU()(layers.BatchNormalization(scale=False)(x))
    x = layers.DepthwiseConv1D(3, dilation_rate=2)(layers.ZeroPadding1D((4, 0))(x))
    x = layers.SpatialDropout1D(0.5)(x)
    x = layers.ReLU()(layers.BatchNormalization(center=False)(x))
    x = layers.Reshape((-1, 6, 4))(x)
    x = layers.ZeroPadding2D(((2, 0), (0, 2)))(x)
    x = layers.DepthwiseConv2D((3, 4), strides=2)(x)
    x = layers.ReLU()(layers.BatchNormalization()(x))
    x = layers.Reshape((-1, 12))(x)
    return keras.Model(features, layers.Dense(11)(x))


NETWORKS = {"connected_digit_network": models.connected_digit_network, "other": other_network}


@pytest.fixture(scope="module", params=NETWORKS)
def model(request, waveform):
    return randomise(NETWORKS[request.param], waveform)


@pytest.fixture(scope="module")
def waveform(embedded):
    """Three digits and some noise."""
    return connected_digits.compose(embedded, 1, seed=1, longest=3).waveforms[0]


def assert_streaming_equals_offline(model, waveform, how):
    """Hold a stream to what Keras says of the whole clip: the logits, and the text."""
    offline, recogniser = offline_logits(model, waveform), Recogniser(model)
    stream = recogniser.stream()
    logits = np.concatenate([stream.advance(piece) for piece in cut(waveform, how)])
    assert logits.shape == offline.shape
    np.testing.assert_allclose(logits, offline, atol=1e-4)

    silence = np.zeros(round(streaming.FLUSH_SECONDS * RATE), np.float32)
    offline = offline_logits(model, np.concatenate([waveform, silence]))
    stream = recogniser.stream()
    events = [event for piece in cut(waveform, how) for event in stream.accept(piece)]
    events += stream.finish()
    text = " ".join(event.text for event in events if event.kind == "final")
    assert text == " ".join(map(str, connected_digits.greedy_decode(offline))) and len(text) > 10
    return events


@pytest.mark.parametrize("how", CUTS.values(), ids=CUTS)
def test_streaming_equals_offline(model, waveform, how):
    assert_streaming_equals_offline(model, waveform, how)


def test_events_do_not_depend_on_the_cut(model, waveform):
    first, *others = [
        assert_streaming_equals_offline(model, waveform, how) for how in (1, 800, None)
    ]
    for events in others:
        for event, expected in zip(events, first, strict=True):
            event = dataclasses.replace(event, probability=expected.probability)
            assert event == expected


@pytest.mark.parametrize("what", ["states", "samples", "previous"])
def test_the_harness_sees_a_state_that_is_dropped(monkeypatch, waveform, what):
    model = randomise(models.connected_digit_network, waveform)
    fresh = getattr(Recogniser(model).stream(), what)
    accept, advance = Stream.accept, Stream.advance

    def forget(method):
        def forgetful(self, samples):
            setattr(self, what, fresh)
            return method(self, samples)

        return forgetful

    monkeypatch.setattr(Stream, "accept", forget(accept))
    monkeypatch.setattr(Stream, "advance", forget(advance))
    with pytest.raises(AssertionError):
        assert_streaming_equals_offline(model, waveform, 800)


def test_streams_do_not_disturb_each_other(model, waveform):
    recogniser = Recogniser(model)
    alone = recogniser.stream()
    expected = alone.accept(waveform) + alone.finish()
    one, other = recogniser.stream(), recogniser.stream()
    events = []
    for piece in cut(waveform, 700):
        events += one.accept(piece)
        other.accept(piece[::-1] / 2)
    events += one.finish()
    assert [event.text for event in events] == [event.text for event in expected]


# ---------------------------------------------------------------- layers


def test_frames_to_the_first_output():
    network = StepNetwork(models.connected_digit_network())
    assert (network.first, network.stride) == (4, connected_digits.STRIDE)
    assert Recogniser(models.connected_digit_network()).latency == (256 + 3 * 80) / RATE
    assert (StepNetwork(other_network()).first, StepNetwork(other_network()).stride) == (1, 6)


def one_layer(make):
    features = keras.Input((None, 40))
    return keras.Model(features, make(features))


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda x: layers.GRU(11, return_sequences=True, name="odd")(x), "no step for it"),
        (lambda x: layers.MaxPooling1D(2, name="odd")(x), "no step for it"),
        (lambda x: layers.BatchNormalization(name="odd")(x), "no step for it"),
        (lambda x: layers.ReLU(max_value=6, name="odd")(x), "no step for it"),
        (lambda x: layers.Reshape((-1, 80), name="odd")(x), "no step for it"),
        (lambda x: layers.Conv1D(11, 3, padding="same", name="odd")(x), "looks ahead"),
        (lambda x: layers.ZeroPadding1D((1, 1), name="odd")(x), "after the last frame"),
        (lambda x: layers.Conv1D(11, 2, strides=3, name="odd")(x), "stride"),
        (lambda x: layers.Conv1D(20, 2, groups=2, name="odd")(x), "must be 1"),
        (lambda x: layers.DepthwiseConv1D(2, depth_multiplier=2, name="odd")(x), "must be 1"),
        (lambda x: layers.Dense(11, activation="relu", name="odd")(x), "activation"),
        (lambda x: layers.Add(name="odd")([layers.Dense(40)(x), x]), "one layer after the other"),
        (lambda x: layers.Dense(11, name="odd")(layers.Dense(40)(x) * 2), "one layer after"),
    ],
)
def test_a_layer_that_cannot_be_streamed_is_named(make, reason):
    with pytest.raises(LayerError, match=f"'odd'.*{reason}"):
        StepNetwork(one_layer(make))


def test_outputs_at_uneven_steps_are_refused():
    def make(x):
        return layers.Conv1D(11, 3, strides=2)(layers.ZeroPadding1D((3, 0))(x))

    with pytest.raises(LayerError, match="as many zeros as its kernel"):
        StepNetwork(one_layer(make))


def test_operations_after_the_last_layer_are_refused():
    with pytest.raises(LayerError, match="one layer after the other"):
        StepNetwork(one_layer(lambda x: layers.Dense(11)(x) * 2))


def test_another_network_is_refused():
    with pytest.raises(LayerError, match="looks ahead"):
        Recogniser(models.digit_network(98, 40))
    with pytest.raises(ValueError, match="40 bands to 11 symbols expected, given one from 20 to 7"):
        Recogniser(models.connected_digit_network(20, 7))


def test_keras_is_not_needed_to_import():
    code = "import sys, course_utils.serving.streaming; sys.exit('keras' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


# ---------------------------------------------------------------- tones: digits made to measure


def tone_network():
    """Return a network that reads digit d where there is a tone in the mel band 4 d + 2."""
    features = keras.Input((None, 40))
    model = keras.Model(features, layers.Conv1D(11, 4, strides=4)(features))
    kernel, bias = np.zeros((4, 40, 11)), np.full(11, -8.0)
    kernel[:, np.arange(2, 40, 4), np.arange(10)] = 2.0
    bias[connected_digits.BLANK] = 8.0
    model.set_weights([kernel, bias])
    return model


def beep(digits, spans, seconds, noise=0.0, seed=0):
    """Beep digits at spans (words, 2) in seconds: a waveform."""
    time = np.arange(round(seconds * RATE)) / RATE
    edges = 700 * (
        10 ** (np.linspace(*(2595 * np.log10(1 + np.array([50, 4000]) / 700)), 42) / 2595) - 1
    )
    waveform = np.random.default_rng(seed).normal(0, noise, len(time)) if noise else 0 * time
    for digit, (start, end) in zip(digits, spans):
        inside = (time >= start) & (time < end)
        waveform += 0.3 * inside * np.sin(2 * np.pi * edges[4 * digit + 3] * time)
    return waveform.astype(np.float32)


@pytest.fixture(scope="module")
def tones():
    return Recogniser(tone_network())


SPANS = [(0.5, 0.8), (0.9, 1.2), (1.4, 1.6), (2.9, 3.2), (3.4, 3.6)]
DIGITS = [3, 3, 7, 9, 1]


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
    waveform = beep([8], [(0.5, 0.53)], 0.53)  # too short to fill an output
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


# ---------------------------------------------------------------- voice activity


def levels(waveform):
    mel = streaming.spectrogram(waveform, connected_digits.STREAM_FRONT_END)
    return streaming.level_of(mel @ streaming.mel_filterbank(connected_digits.STREAM_FRONT_END))


def test_level_is_in_decibels_of_full_scale():
    noise = np.random.default_rng(0).normal(0, 0.1, 80_000).astype(np.float32)
    assert np.mean(levels(noise)) == pytest.approx(-20, abs=0.5)
    sine = np.sin(2 * np.pi * 1000 / RATE * np.arange(8000)).astype(np.float32)
    np.testing.assert_allclose(levels(sine), 10 * np.log10(0.5), atol=0.3)


def activity(waveform):
    judge = VoiceActivity()
    return np.array([judge.hear(level) for level in levels(waveform).tolist()])


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
    quiet = [judge.hear(-60.0) for _ in range(50)]
    between = [judge.hear(-54.0) for _ in range(5)]
    loud, still, over = judge.hear(-40.0), judge.hear(-54.0), judge.hear(-58.0)
    assert not any(quiet + between) and loud and still and not over


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


@pytest.mark.skipif(
    not TRAINED.exists(), reason="data/models/connected_digit_network.keras is not there"
)
def test_digits_are_found_where_they_were_said(embedded):
    recogniser = Recogniser(keras.models.load_model(TRAINED))
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
