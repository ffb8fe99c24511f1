"""A causal network that runs on as many frames as there are, in NumPy (chapter 13).

A layer moves in steps: from a state and new input to a new state and output. It keeps a few
numbers between two pieces of sound, and together they give what the whole clip would have
given. NumPy, since a call of Keras costs more than the work on a piece.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NoReturn

import numpy as np

if TYPE_CHECKING:
    import keras

__all__ = ["LayerError", "StepNetwork"]

Array = np.ndarray
Step = Callable[[Array, Array], tuple[Array, Array]]  # state and input to state and output
NOTHING = np.empty(0, np.float32)
CONVOLUTIONS = ("Conv1D", "Conv2D", "DepthwiseConv1D", "DepthwiseConv2D")
LINEAR = (*CONVOLUTIONS, "Dense")  # a batch normalisation after them goes into their weights
ONE = ("groups", "depth_multiplier")  # arguments that no layer of the course sets
ONLY_IN_TRAINING = ("Dropout", "SpatialDropout1D", "SpatialDropout2D")


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
    if max(*size, *strides) == 1 and not depthwise:
        return stateless(lambda x: x @ kernel + bias)
    span, stride = int(reach[0]), int(strides[0])

    def step(kept: Array, x: Array) -> tuple[Array, Array]:
        x = np.concatenate([kept, x])
        n_outputs = max(0, (len(x) - span) // stride + 1)
        kept = x[n_outputs * stride :].copy()  # a view would hold on to all of x
        if n_outputs == 0:
            return kept, x[:0]
        patches = [x[tap] for tap in taps]
        if depthwise:
            return kept, np.einsum("t...c,tc->...c", np.array(patches), kernel) + bias
        return kept, np.concatenate(patches, axis=-1) @ kernel + bias

    lead = reach[0] - 1 if layer.padding == "causal" else 0
    return np.zeros((lead, *layer.input.shape[2:]), np.float32), step


def pad(layer: keras.Layer) -> tuple[Array, Step]:
    """Zeros before the first frame, and around the bands: the state is those still to come."""
    (before, after), *bands = np.reshape(layer.padding, (-1, 2))
    if after:
        refuse(layer, "zeros after the last frame; a stream does not know its last frame")
    inside = [slice(low, -high or None) for low, high in bands]

    def step(zeros: Array, x: Array) -> tuple[Array, Array]:
        if not (len(zeros) or bands):
            return zeros, x
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
    """A causal Keras model that NumPy runs on as many frames as there are (chapter 13).

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
        states, frames = self.start, 0
        arrivals: list[int] = []
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
