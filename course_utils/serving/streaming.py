"""A recogniser that takes sound in pieces and answers while it comes in (chapter 13).

Everything here moves in steps: the front end, the network (`step_network`), voice activity
and the decoder keep a few numbers between two pieces, and together they give what the whole
clip would have given.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from course_utils.audio import AudioError
from course_utils.connected_digits import BLANK, N_SYMBOLS, STREAM_FRONT_END, features_of_mel
from course_utils.features import mel_energies
from course_utils.serving.recordings import OffsetFilter
from course_utils.serving.step_network import StepNetwork
from course_utils.serving.voice_activity import VoiceActivity, level_of

import numpy as np
from scipy.special import softmax

if TYPE_CHECKING:
    import keras

__all__ = [
    "FLUSH_SECONDS", "LEAST_PROBABILITY", "LEAST_VOICE_FRAMES", "Event", "Stream",
    "StreamingRecogniser",
]  # fmt: skip

SAMPLE_RATE = STREAM_FRONT_END.sample_rate
FRAME_LENGTH = STREAM_FRONT_END.frame_length
HOP_LENGTH = STREAM_FRONT_END.hop_length
ENDPOINT_SECONDS = 0.8  # so much silence ends an utterance
UNREAD_SECONDS = 2.0  # or so much in which the network reads nothing, whatever the level
LEAST_VOICE_FRAMES = 8  # 80 ms of voice before a symbol is believed: a click is shorter
LEAST_PROBABILITY = 0.85  # of a symbol that the service believes: in noise the network guesses
LONGEST_SECONDS = 30.0  # and it ends after this in any case
FLUSH_SECONDS = 0.3  # of silence after a stream's end, for a word that is still being read
CHUNK_SAMPLES = 8000  # a longer piece is worked on in parts, to bound the memory

Array = np.ndarray
NOTHING = np.empty(0, np.float32)


@dataclass(frozen=True)
class Event:
    """What a stream has to say: a partial result whenever its text grew, a final one at the end.

    Attributes
    ----------
    kind : "partial", or "final" after `ENDPOINT_SECONDS` without voice and at the end
    text : the digits since the last final result, such as "1 2 3"
    symbols : the same as numbers
    times : when each was recognised, in seconds since the stream began
    start, end : where the utterance begins and ends, in seconds since the stream began
    probability : of the least certain symbol
    """

    kind: str
    text: str
    symbols: tuple[int, ...]
    times: tuple[float, ...]
    start: float
    end: float
    probability: float


class StreamingRecogniser:
    """What all streams share and none of them changes.

    Parameters
    ----------
    model : `models.connected_digit_network` with its weights, or another causal network from
        `connected_digits.connected_digit_features` to logits (clips, outputs, 11)
    least_probability : of a symbol that is believed; with 0 the stream says what greedy decoding
        says of the whole clip

    Attributes
    ----------
    network : the model as a `StepNetwork`
    sample_rate : Hz
    latency : algorithmic, in seconds: how much sound the first output needs

    Raises
    ------
    LayerError : a layer that cannot be run in steps
    ValueError : another number of bands or symbols
    """

    sample_rate = SAMPLE_RATE

    def __init__(self, model: keras.Model, least_probability: float = 0.0):
        self.network, self.least_probability = StepNetwork(model), least_probability
        given = self.network.n_bands, self.network.n_symbols
        if given != (STREAM_FRONT_END.n_mels, N_SYMBOLS):
            raise ValueError(
                f"a network from {STREAM_FRONT_END.n_mels} bands to {N_SYMBOLS} symbols expected, "
                f"given one from {given[0]} to {given[1]}: use models.connected_digit_network"
            )
        samples = FRAME_LENGTH + (self.network.first - 1) * HOP_LENGTH
        self.latency = samples / SAMPLE_RATE

    def stream(self, sample_rate: int = SAMPLE_RATE) -> Stream:
        """Begin a stream. Raises `AudioError` for a rate that is not the recogniser's."""
        if sample_rate != SAMPLE_RATE:
            raise AudioError(
                f"a stream of {sample_rate} Hz was announced, {SAMPLE_RATE} Hz is expected: "
                "resample it, with soxr.ResampleStream or, for a file, audio.load_audio"
            )
        return Stream(self.network, self.least_probability)


class Stream:
    """The sound of one speaker, as it comes in; `StreamingRecogniser.stream` makes it.

    However long it lasts, it keeps less than a frame of samples, the network's states and
    the symbols of one utterance.
    """

    def __init__(self, network: StepNetwork, least_probability: float = 0.0):
        self.network, self.states, self.samples = network, network.start, NOTHING
        self.least_probability = least_probability
        self.activity = VoiceActivity()
        self.voice: deque[bool] = deque()  # voice in frames not yet read
        self.offset, self.voiced = OffsetFilter(), 0  # frames of voice since the last silence
        self.frames, self.heard, self.previous, self.finished = 0, 0.0, BLANK, False
        self.begin_utterance()

    def begin_utterance(self) -> None:
        """Forget what was told as final."""
        self.began = np.inf
        self.symbols: list[int] = []
        self.times: list[float] = []
        self.probabilities: list[float] = []

    @property
    def seconds(self) -> float:
        """How much sound was taken."""
        frames = self.frames + len(self.voice)
        return (frames * HOP_LENGTH + len(self.samples)) / SAMPLE_RATE

    def accept(self, piece: Array) -> tuple[Event, ...]:
        """Hear a piece (samples,) of any length, also none; return what is new.

        Raises
        ------
        AudioError : not floats, not one axis, NaN, samples beyond ±1; the stream is left
            as it was and can go on
        RuntimeError : the stream has finished
        """
        if self.finished:
            raise RuntimeError("this stream has finished: begin another with recogniser.stream()")
        piece = checked(piece)
        chunks = (piece[i : i + CHUNK_SAMPLES] for i in range(0, len(piece), CHUNK_SAMPLES))
        return tuple(e for chunk in chunks for e in self.read(self.advance(self.offset(chunk))))

    def finish(self) -> tuple[Event, ...]:
        """End the stream, as if silence followed, and return what is left to say."""
        self.accept(NOTHING)  # refuses a stream that has finished
        silence = np.zeros(round(FLUSH_SECONDS * SAMPLE_RATE), np.float32)
        events = tuple(self.read(self.advance(silence)))  # past the filter: its zero is no offset
        self.finished = True
        return (*events, self.event("final", self.heard)) if self.symbols else events

    def advance(self, samples: Array) -> Array:
        """Front end, voice activity and network: (samples,) to logits (outputs, symbols)."""
        self.samples = np.concatenate([self.samples, samples])
        if len(self.samples) < FRAME_LENGTH:
            return np.empty((0, N_SYMBOLS), np.float32)
        (mel,) = mel_energies([self.samples], STREAM_FRONT_END)
        self.samples = self.samples[len(mel) * HOP_LENGTH :].copy()
        self.voice.extend(map(self.activity.update, level_of(mel).tolist()))
        self.states, logits = self.network.step(self.states, features_of_mel(mel))
        return logits

    def read(self, logits: Array) -> Iterator[Event]:
        """Decode outputs greedily (chapter 08), one by one, and find where utterances end."""
        for probabilities in softmax(logits, axis=-1):
            now = self.pass_frames()
            symbol, probability = int(probabilities.argmax()), float(probabilities.max())
            doubtful = symbol != self.previous and probability < self.least_probability
            if self.voiced < LEAST_VOICE_FRAMES or doubtful:
                symbol = BLANK
            if symbol != BLANK:
                self.mark_activity(now)
                if symbol != self.previous:
                    self.symbols.append(symbol)
                    self.times.append(round(now, 3))
                    self.probabilities.append(probability)
                    yield self.event("partial", now)
                elif self.symbols:
                    self.probabilities[-1] = max(probability, self.probabilities[-1])
            self.previous = symbol
            silent = now - self.heard >= ENDPOINT_SECONDS
            unread = self.symbols and now - self.times[-1] >= UNREAD_SECONDS
            long = self.symbols and now - self.began >= LONGEST_SECONDS
            if self.symbols and (silent or unread or long):
                yield self.event("final", self.heard)
            if silent or unread or long:
                self.begin_utterance()
            if silent:
                self.voiced = 0

    def pass_frames(self) -> float:
        """Go over the frames of one output, note in which there was voice; time of the last."""
        for _ in range(self.network.stride if self.frames else self.network.first):
            now = (self.frames * HOP_LENGTH + FRAME_LENGTH / 2) / SAMPLE_RATE
            self.frames += 1
            if self.voice.popleft():
                self.mark_activity(now)
                self.voiced += 1
        return now

    def mark_activity(self, now: float) -> None:
        """Note that there was voice or a symbol, and that an utterance may have begun."""
        self.heard = now
        self.began = min(self.began, now)

    def event(self, kind: str, end: float) -> Event:
        """Return what was said in this utterance."""
        text, least = " ".join(map(str, self.symbols)), min(self.probabilities)
        start, end = round(self.began, 3), round(end, 3)
        return Event(
            kind, text, tuple(self.symbols), tuple(self.times), start, end, round(least, 3)
        )


def checked(piece: Array) -> Array:
    """Return a piece as float32; raise `AudioError` for what is no sound in [-1, 1]."""
    piece = np.asarray(piece)
    if piece.dtype.kind != "f" or piece.ndim != 1:
        raise AudioError(
            f"a piece of floats (samples,) is expected, given {piece.dtype} {piece.shape}: "
            "divide 16-bit samples by 32768, take the mean over channels"
        )
    peak = np.abs(piece).max(initial=0)
    if not peak <= 1:  # nor is NaN
        raise AudioError(
            f"the piece's largest sample is {peak:.4g}, numbers in [-1, 1] are expected: divide "
            "16-bit samples by 32768, np.clip a mixture that is too loud, look where NaN comes from"
        )
    return piece.astype(np.float32, copy=False)
