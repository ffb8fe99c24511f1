"""A recogniser that hears sound in pieces and answers while it comes in (chapter 11).

Everything here moves in steps: from a state and new input to a new state and output. The
front end, each layer of the network, voice activity and the decoder keep a few numbers
between two pieces, and together they give what the whole clip would have given. The
network runs in NumPy: a call of Keras costs more than the work on a piece.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn

from course_utils.audio import AudioError
from course_utils.features import mel_filterbank, spectrogram
from course_utils.strings import BLANK, N_SYMBOLS, STRING_FRONT_END, scale_log_mel

import numpy as np
from scipy.special import softmax

if TYPE_CHECKING:
    import keras

SAMPLE_RATE, FRAME_LENGTH = STRING_FRONT_END.sample_rate, STRING_FRONT_END.frame_length
HOP_LENGTH = STRING_FRONT_END.hop_length
ONSET_DB, RELEASE_DB = 8.0, 4.0  # above the noise floor: here voice begins, here it ends
FLOOR_RISE_DB = 0.02  # in a frame: what stays louder is taken for noise, at 2 dB a second
FLOOR_FALL = 0.2  # in a frame, as a share of the way down
FIRST_FLOOR_DB = -40.0  # the floor's highest value at the start: a stream may begin with a word
QUIETEST_DB = -75.0  # nothing below this is voice, in decibels of full scale
ENDPOINT_SECONDS = 0.8  # so much silence ends an utterance
UNREAD_SECONDS = 2.0  # or so much in which the network reads nothing, whatever the level
LONGEST_SECONDS = 30.0  # and it ends after this in any case
FLUSH_SECONDS = 0.3  # of silence after a stream's end, for a word that is still being read
CHUNK_SAMPLES = 8000  # a longer piece is worked on in parts, to bound the memory

Array = np.ndarray
Step = Callable[[Array, Array], tuple[Array, Array]]  # state and input to state and output
NOTHING = np.empty(0, np.float32)
CONVOLUTIONS = ("Conv1D", "Conv2D", "DepthwiseConv1D", "DepthwiseConv2D")
LINEAR = (*CONVOLUTIONS, "Dense")  # a batch normalisation after them goes into their weights
ONE = ("groups", "depth_multiplier")  # arguments that no layer of the course sets
ONLY_IN_TRAINING = ("Dropout", "SpatialDropout1D", "SpatialDropout2D")


# ---------------------------------------------------------------- the network, step by step


class LayerError(ValueError):
    """A layer cannot be run in steps; the message says which, why, and what to use."""


def refuse(layer: keras.Layer, reason: str) -> NoReturn:
    """Raise `LayerError` for a layer."""
    raise LayerError(f"layer {layer.name!r} ({type(layer).__name__}) cannot be streamed: {reason}")


def weights_of(layer: keras.Layer, norm: keras.Layer | None) -> tuple[Array, Array]:
    """Kernel and bias of a linear layer, with the batch normalisation after it folded in."""
    kernel, bias = layer.get_weights() if layer.use_bias else (*layer.get_weights(), 0)
    if "Depthwise" in type(layer).__name__:
        kernel = kernel[..., 0]
    if norm is not None:  # gain · (kernel x + bias - mean) + shift
        *affine, mean, variance = norm.get_weights()
        gain = (affine.pop(0) if norm.scale else 1) / np.sqrt(variance + norm.epsilon)
        shift = affine.pop() if norm.center else 0
        kernel, bias = gain * kernel, gain * (bias - mean) + shift
    return kernel, np.asarray(bias, np.float32)


def convolve(layer: keras.Layer, norm: keras.Layer | None) -> tuple[Array, Step]:
    """Convolution over time, or over time and bands: the state is the last inputs."""
    size = np.array(layer.kernel_size)
    strides = np.resize(layer.strides, len(size))
    dilation = np.resize(layer.dilation_rate, len(size))
    reach = (size - 1) * dilation + 1  # from the first tap to the last
    if layer.padding == "same" and max(*size, *strides) > 1:
        refuse(layer, "padding 'same' looks ahead; put ZeroPadding before it and use 'valid'")
    if strides[0] > reach[0] or max(getattr(layer, name, 1) for name in ONE) > 1:
        refuse(layer, f"{', '.join(ONE)} must be 1, and a stride no longer than the kernel")
    taps = [  # each picks the inputs that one weight of the kernel meets, for all outputs
        tuple(slice(i, i + 1 - r or None, s) for i, r, s in zip(tap * dilation, reach, strides))
        for tap in np.ndindex(*size)
    ]
    kernel, bias = weights_of(layer, norm)
    depthwise = kernel.ndim == len(size) + 1
    kernel = kernel.reshape(len(taps) if depthwise else -1, kernel.shape[-1])

    def step(kept: Array, x: Array) -> tuple[Array, Array]:
        x = np.concatenate([kept, x])
        n_outputs = max(0, (len(x) - reach[0]) // strides[0] + 1)
        kept = x[n_outputs * strides[0] :].copy()  # a view would hold on to all of x
        if n_outputs == 0:
            return kept, x[:0]
        patches = np.concatenate([x[tap] for tap in taps], axis=-1)
        if depthwise:
            patches = patches.reshape(*patches.shape[:-1], *kernel.shape)
            return kept, (patches * kernel).sum(axis=-2) + bias
        return kept, patches @ kernel + bias

    lead = reach[0] - 1 if layer.padding == "causal" else 0
    return np.zeros((lead, *layer.input.shape[2:]), np.float32), step


def pad(layer: keras.Layer) -> tuple[Array, Step]:
    """Zeros before the first frame, and around the bands: the state is those still to come."""
    (before, after), *bands = np.reshape(layer.padding, (-1, 2))
    if after:
        refuse(layer, "zeros after the last frame; a stream does not know its last frame")
    inside = [slice(low, -high or None) for low, high in bands]

    def step(zeros: Array, x: Array) -> tuple[Array, Array]:
        padded = np.zeros((len(zeros) + len(x), *layer.output.shape[2:]), np.float32)
        padded[len(zeros) :, *inside] = x
        return zeros[:0], padded

    return np.zeros((before, *layer.input.shape[2:]), np.float32), step


def stateless(function: Callable[[Array], Array]) -> tuple[Array, Step]:
    """Work on each frame by itself."""
    return NOTHING, lambda state, x: (state, function(x))


def step_of(layer: keras.Layer, norm: keras.Layer | None) -> tuple[Array, Step]:
    """Return the state that a layer starts from, and its step."""
    kind, shape = type(layer).__name__, layer.output.shape[2:]
    if kind in LINEAR and layer.activation.__name__ != "linear":
        refuse(layer, "its activation must be a layer of its own, ReLU")
    if kind in CONVOLUTIONS:
        return convolve(layer, norm)
    if kind == "Dense":
        kernel, bias = weights_of(layer, norm)
        return stateless(lambda x: x @ kernel + bias)
    if kind in ("ZeroPadding1D", "ZeroPadding2D"):
        return pad(layer)
    if kind == "ReLU" and (layer.max_value, layer.negative_slope, layer.threshold) == (None, 0, 0):
        return stateless(lambda x: np.maximum(x, 0))
    if kind == "Reshape" and np.prod(shape) == np.prod(layer.input.shape[2:]):  # frame by frame
        return stateless(lambda x: x.reshape(len(x), *shape))
    refuse(
        layer,
        f"there is no step for it; use {', '.join(LINEAR)}, each with BatchNormalization after it "
        "or without, ReLU, ZeroPadding1D, ZeroPadding2D, Reshape within a frame",
    )


class StepNetwork:
    """A causal Keras model that NumPy runs on as many frames as there are (chapter 11).

    Parameters
    ----------
    model : one layer after the other, (clips, frames, bands) to (clips, outputs, symbols);
        its weights are copied, batch normalisation goes into the layer before it

    Attributes
    ----------
    start : the states to start from, a list of arrays
    first, stride : frames to the first output, and from one output to the next

    Raises
    ------
    LayerError : a layer that looks ahead, branches, or is not known
    """

    def __init__(self, model: keras.Model):
        layers = [layer for layer in model.layers if type(layer).__name__ != "InputLayer"]
        made = [model.input, *(layer.output for layer in layers)]
        taken = [*(layer.input for layer in layers), model.output]
        for layer, output, x in zip([*layers, model], made, taken):
            if x is not output:
                refuse(layer, "something other than one layer after the other comes before it")
        layers = [layer for layer in layers if type(layer).__name__ not in ONLY_IN_TRAINING]
        steps, before = [], ""
        for layer, after in zip(layers, [*layers[1:], None]):
            kind, following = type(layer).__name__, type(after).__name__
            if kind != "BatchNormalization" or before not in LINEAR:  # else it is folded already
                norm = after if following == "BatchNormalization" else None
                steps.append(step_of(layer, norm))
            before = kind
        self.start, self.functions = [state for state, _ in steps], [step for _, step in steps]
        self.n_bands, self.n_symbols = model.input.shape[-1], model.output.shape[-1]
        states, arrivals, frames = self.start, [], 0
        while len(arrivals) < 3:  # try it out: when do the outputs come?
            frames += 1
            states, logits = self.step(states, np.zeros((1, self.n_bands), np.float32))
            arrivals += [frames] * len(logits)
        self.first, self.stride = arrivals[0], arrivals[1] - arrivals[0]
        if arrivals[2] - arrivals[1] != self.stride:
            refuse(model, "a layer is given as many zeros as its kernel is long; give it fewer")

    def step(self, states: Sequence[Array], x: Array) -> tuple[list[Array], Array]:
        """States and features (frames, bands) to states and logits (outputs, symbols).

        The states that are given stay as they are.
        """
        states = list(states)
        for i, function in enumerate(self.functions):
            if len(x) == 0:  # too few frames for another output
                return states, np.empty((0, self.n_symbols), np.float32)
            states[i], x = function(states[i], x)
        return states, x.reshape(len(x), self.n_symbols)


# ---------------------------------------------------------------- voice, and what was said


def level_of(mel: Array) -> Array:
    """Level of frames of mel energies (frames, bands) in decibels of full scale: (frames,)."""
    full_scale = 3 / 16 * FRAME_LENGTH**2  # the window's energy, half of the spectrum (Parseval)
    return 10 * np.log10(mel.sum(axis=-1) / full_scale + 1e-9)


class VoiceActivity:
    """Is somebody speaking? The level against a running noise floor, with hysteresis.

    The floor follows the level down quickly and up slowly, for a word is soon over and
    noise stays. Voice begins `ONSET_DB` above the floor and ends below `RELEASE_DB`.
    """

    def __init__(self):
        self.floor, self.voice = None, False

    def hear(self, level: float) -> bool:
        """Tell whether the next frame is voice, from its level in decibels of full scale."""
        if self.floor is None:
            self.floor = min(level, FIRST_FLOOR_DB)
        above = level - self.floor
        self.voice = level > QUIETEST_DB and above > (RELEASE_DB if self.voice else ONSET_DB)
        self.floor += min(above, FLOOR_RISE_DB) if above > 0 else FLOOR_FALL * above
        return self.voice


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


class Recogniser:
    """What all streams share and none of them changes.

    Parameters
    ----------
    model : `models.string_network` with its weights, or another causal network from
        `strings.string_features` to logits (clips, outputs, 11)

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

    def __init__(self, model: keras.Model):
        self.network = StepNetwork(model)
        given = self.network.n_bands, self.network.n_symbols
        if given != (STRING_FRONT_END.n_mels, N_SYMBOLS):
            raise ValueError(
                f"a network from {STRING_FRONT_END.n_mels} bands to {N_SYMBOLS} symbols expected, "
                f"given one from {given[0]} to {given[1]}: use models.string_network"
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
        return Stream(self.network)


class Stream:
    """The sound of one speaker, as it comes in; `Recogniser.stream` makes it.

    However long it lasts, it keeps less than a frame of samples, the network's states and
    the symbols of one utterance.
    """

    def __init__(self, network: StepNetwork):
        self.network, self.states, self.samples = network, network.start, NOTHING
        self.activity, self.voice = VoiceActivity(), deque()  # voice in frames not yet read
        self.frames, self.heard, self.previous, self.finished = 0, 0.0, BLANK, False
        self.begin_utterance()

    def begin_utterance(self) -> None:
        """Forget what was told as final."""
        self.began, self.symbols, self.times, self.probabilities = None, [], [], []

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
        return tuple(event for chunk in chunks for event in self.read(self.advance(chunk)))

    def finish(self) -> tuple[Event, ...]:
        """End the stream, as if silence followed, and return what is left to say."""
        events = self.accept(np.zeros(round(FLUSH_SECONDS * SAMPLE_RATE), np.float32))
        self.finished = True
        return (*events, self.event("final", self.heard)) if self.symbols else events

    def advance(self, samples: Array) -> Array:
        """Front end, voice activity and network: (samples,) to logits (outputs, symbols)."""
        self.samples = np.concatenate([self.samples, samples])
        if len(self.samples) < FRAME_LENGTH:
            return np.empty((0, N_SYMBOLS), np.float32)
        mel = spectrogram(self.samples, STRING_FRONT_END) @ mel_filterbank(STRING_FRONT_END)
        self.samples = self.samples[len(mel) * HOP_LENGTH :].copy()
        self.voice.extend(map(self.activity.hear, level_of(mel).tolist()))
        features = scale_log_mel(np.log(np.maximum(mel, STRING_FRONT_END.floor)))
        self.states, logits = self.network.step(self.states, features)
        return logits

    def read(self, logits: Array) -> Iterator[Event]:
        """Decode outputs greedily (chapter 07), one by one, and find where utterances end."""
        for probabilities in softmax(logits, axis=-1):
            for _ in range(self.network.stride if self.frames else self.network.first):
                now = (self.frames * HOP_LENGTH + FRAME_LENGTH / 2) / SAMPLE_RATE
                self.frames += 1
                if self.voice.popleft():
                    self.hear(now)
            symbol, probability = int(probabilities.argmax()), float(probabilities.max())
            if symbol != BLANK:
                self.hear(now)
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

    def hear(self, now: float) -> None:
        """Note that there was voice or a symbol, and that an utterance may have begun."""
        self.heard = now
        self.began = now if self.began is None else self.began

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
