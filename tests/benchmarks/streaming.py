"""What a stream costs, piece by piece, on one core (chapter 13).

The real-time factor, the time that a piece takes, for pieces of several lengths, the
algorithmic latency, the size of a stream's state, and how far its outputs are from those of
Keras on the whole sound. Factors and shares are of processor time: seconds of work for a
second of sound. A piece's milliseconds are by the clock, and on a machine that does other
things too they tell of those; so the 95th percentile is given by both.
"""

from __future__ import annotations

import time
from typing import Any

from course_utils import connected_digits, corpora
from course_utils.models import load_trained
from course_utils.serving.streaming import SAMPLE_RATE, StreamingRecogniser
from data.recipes import recordings, stored_network
from tests.benchmarks.plans import STRING_SEED

import keras
import numpy as np
from threadpoolctl import threadpool_limits

MODEL = "connected_digit_network"
N_STRINGS = 30
PIECE_SECONDS = 0.1
OTHER_PIECES = (0.01, 0.02, 0.05, 0.2, 0.5, 1.0)
N_STREAMS = 100
SECONDS_EACH = 5


def setup() -> Any:
    """What the numbers depend on."""
    how = N_STRINGS, STRING_SEED, PIECE_SECONDS, OTHER_PIECES, N_STREAMS, SECONDS_EACH
    said = connected_digits.COMPOSITION, recordings(["fsdd", "noise"])
    return stored_network(MODEL), connected_digits.STREAM_FRONT_END, how, said


def time_pieces(
    recogniser: StreamingRecogniser, waveform: np.ndarray, seconds: float
) -> np.ndarray:
    """Feed a new stream: what each piece took by the clock and of the processor, (2, pieces) s."""
    stream, size = recogniser.stream(), round(seconds * SAMPLE_RATE)
    times = []
    for start in range(0, len(waveform) - size + 1, size):
        piece = waveform[start : start + size]
        clock, processor = time.perf_counter(), time.thread_time()
        stream.accept(piece)
        times.append((time.perf_counter() - clock, time.thread_time() - processor))
    return np.transpose(times)


def time_streams(recogniser: StreamingRecogniser, waveform: np.ndarray) -> float:
    """Feed `N_STREAMS` streams in turn: processor seconds for a second of all of them."""
    streams = [recogniser.stream() for _ in range(N_STREAMS)]
    size = round(PIECE_SECONDS * SAMPLE_RATE)
    began = time.thread_time()
    for start in range(0, SECONDS_EACH * SAMPLE_RATE, size):
        for stream in streams:
            stream.accept(waveform[start : start + size])
    return (time.thread_time() - began) / SECONDS_EACH


def difference_from_keras(
    model: keras.Model, recogniser: StreamingRecogniser, waveform: np.ndarray
) -> float:
    """Return the largest difference between a stream's logits and those of the whole clip."""
    features = connected_digits.connected_digit_features(waveform)
    offline = keras.ops.convert_to_numpy(model(features[None]))[0]
    stream, size = recogniser.stream(), round(PIECE_SECONDS * SAMPLE_RATE)
    pieces = (waveform[start : start + size] for start in range(0, len(waveform), size))
    logits = np.concatenate([stream.advance(piece) for piece in pieces])
    return float(np.abs(logits - offline).max())


def measure() -> list[dict[str, Any]]:
    """Measure all of it with one thread."""
    model = load_trained(MODEL)
    recogniser = StreamingRecogniser(model)
    test = corpora.official_split(corpora.load_digits("fsdd")).test
    said = connected_digits.compose(test, N_STRINGS, STRING_SEED).waveforms
    sound = np.concatenate(said)
    rows = []

    def note(variant: str, metric: str, value: float, unit: str | None) -> None:
        about = {"corpus": "fsdd", "split": "official", "parameters": model.count_params()}
        measured = {"metric": metric, "value": float(f"{value:.4g}"), "unit": unit}
        rows.append({"model": f"{MODEL}, {variant}", **measured, **about})

    with threadpool_limits(limits=1):
        time_pieces(recogniser, sound[: 5 * SAMPLE_RATE], PIECE_SECONDS)  # warm up
        clock, processor = time_pieces(recogniser, sound, PIECE_SECONDS)
        pieces = f"pieces of {1000 * PIECE_SECONDS:.0f} ms"
        note(pieces, "real-time factor", processor.mean() / PIECE_SECONDS, "s/s")
        note(pieces, "piece, median", 1000 * np.median(clock), "ms")
        for percentile in (95, 99):
            value = 1000 * np.percentile(clock, percentile)
            note(pieces, f"piece, {percentile}th percentile", value, "ms")
        value = 1000 * np.percentile(processor, 95)
        note(pieces, "piece, processor time, 95th percentile", value, "ms")
        share = time_streams(recogniser, sound)
        note(f"{N_STREAMS} streams", "share of one core", share, "fraction")
        note("streaming", "algorithmic latency", 1000 * recogniser.latency, "ms")
        state = sum(start.nbytes for start in recogniser.network.start)
        note("streaming", "state of a stream", state, "bytes")
        difference = max(difference_from_keras(model, recogniser, waveform) for waveform in said)
        note("streaming", "largest difference of a logit from offline", difference, None)
        for seconds in OTHER_PIECES:
            clock, processor = time_pieces(recogniser, sound, seconds)
            pieces = f"pieces of {1000 * seconds:.0f} ms"
            note(pieces, "real-time factor", processor.mean() / seconds, "s/s")
            note(pieces, "piece, median", 1000 * np.median(clock), "ms")
    return rows
