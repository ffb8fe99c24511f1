"""What `run.py streaming` measures: what a stream costs, piece by piece, on one core (chapter 12).

`stream_rows` gives the real-time factor, the time that a piece takes, for pieces of several
lengths, the algorithmic latency, the size of a stream's state, and how far its outputs are
from those of Keras on the whole sound. Factors and shares are of processor time: seconds of
work for a second of sound. A piece's milliseconds are by the clock, and on a machine that
does other things too they tell of those; so the 95th percentile is given by both.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from course_utils import connected_digits, corpora
from course_utils.serving.streaming import SAMPLE_RATE, Recogniser

import keras
import numpy as np
from threadpoolctl import threadpool_limits

MODEL = Path(__file__).resolve().parents[2] / "data" / "models" / "connected_digit_network.keras"
N_STRINGS = 30
PIECE_SECONDS = 0.1
OTHER_PIECES = (0.01, 0.02, 0.05, 0.2, 0.5, 1.0)
N_STREAMS = 100
SECONDS_EACH = 5


def time_pieces(recogniser: Recogniser, waveform: np.ndarray, seconds: float) -> np.ndarray:
    """Feed a new stream: what each piece took by the clock and of the processor, (2, pieces) s."""
    stream, size = recogniser.stream(), round(seconds * SAMPLE_RATE)
    times = []
    for start in range(0, len(waveform) - size + 1, size):
        piece = waveform[start : start + size]
        clock, processor = time.perf_counter(), time.thread_time()
        stream.accept(piece)
        times.append((time.perf_counter() - clock, time.thread_time() - processor))
    return np.transpose(times)


def time_streams(recogniser: Recogniser, waveform: np.ndarray) -> float:
    """Feed `N_STREAMS` streams in turn: processor seconds for a second of all of them."""
    streams = [recogniser.stream() for _ in range(N_STREAMS)]
    size = round(PIECE_SECONDS * SAMPLE_RATE)
    began = time.thread_time()
    for start in range(0, SECONDS_EACH * SAMPLE_RATE, size):
        for stream in streams:
            stream.accept(waveform[start : start + size])
    return (time.thread_time() - began) / SECONDS_EACH


def difference_from_keras(
    model: keras.Model, recogniser: Recogniser, waveform: np.ndarray
) -> float:
    """Return the largest difference between a stream's logits and those of the whole clip."""
    offline = keras.ops.convert_to_numpy(
        model(connected_digits.connected_digit_features(waveform)[None])
    )[0]
    stream, size = recogniser.stream(), round(PIECE_SECONDS * SAMPLE_RATE)
    pieces = (waveform[start : start + size] for start in range(0, len(waveform), size))
    return float(
        np.abs(np.concatenate([stream.advance(piece) for piece in pieces]) - offline).max()
    )


def stream_rows(group: str, row: Callable[..., dict], path: Path = MODEL) -> list[dict]:
    """Measure, with one thread, and make rows of it with `run.row`."""
    model = keras.models.load_model(path)
    recogniser = Recogniser(model)
    test = corpora.official_split(corpora.load_digits("fsdd")).test
    said = connected_digits.compose(test, N_STRINGS, seed=7).waveforms
    sound = np.concatenate(said)
    about = {"corpus": "fsdd", "split": "official", "parameters": model.count_params()}

    def make(metric: str, value: float, name: str = "connected_digit_network, streaming") -> dict:
        return row(group, "streaming", name, metric, float(f"{value:.4g}"), **about)

    with threadpool_limits(limits=1):
        time_pieces(recogniser, sound[: 5 * SAMPLE_RATE], PIECE_SECONDS)  # warm up
        clock, processor = time_pieces(recogniser, sound, PIECE_SECONDS)
        median, often, rarely = 1000 * np.percentile(clock, [50, 95, 99])
        often_processor = 1000 * np.percentile(processor, 95)
        rows = [
            make("real-time factor", processor.mean() / PIECE_SECONDS),
            make("100 ms piece, median, ms", median),
            make("100 ms piece, 95th percentile, ms", often),
            make("100 ms piece, 99th percentile, ms", rarely),
            make("100 ms piece, 95th percentile, processor ms", often_processor),
            make(f"{N_STREAMS} streams, share of one core", time_streams(recogniser, sound)),
            make("algorithmic latency, ms", 1000 * recogniser.latency),
            make("state of a stream, bytes", sum(s.nbytes for s in recogniser.network.start)),
            make(
                "largest difference from offline",
                max(difference_from_keras(model, recogniser, waveform) for waveform in said),
            ),
        ]
        for seconds in OTHER_PIECES:
            clock, processor = time_pieces(recogniser, sound, seconds)
            name = f"connected_digit_network, pieces of {1000 * seconds:.0f} ms"
            rows.append(make("real-time factor", processor.mean() / seconds, name))
            rows.append(make("piece, median, ms", 1000 * np.median(clock), name))
    return rows
