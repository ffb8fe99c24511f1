"""Write a model so that it runs elsewhere, prove it, and compress it (chapter 12)."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import course_utils.setup.quiet_tensorflow  # noqa: F401  (before keras)
from course_utils.files import written_whole
from course_utils.serving import DeploymentError
from course_utils.serving.runtimes import Agreement, outputs, reason, verify
from course_utils.setup.quiet import quiet_stderr

import keras
import numpy as np
import tensorflow as tf
from tensorflow.lite.tools import flatbuffer_utils

__all__ = ["check_trained", "export_model", "quantise", "with_front_end", "with_states"]

FORMATS = (".keras", ".onnx", ".tflite", "")  # the last: a folder, TensorFlow's SavedModel
# What each number is before the first step of training, by the end of its name
INITIAL_VALUES = {"bias": 0, "beta": 0, "gamma": 1, "moving_mean": 0, "moving_variance": 1}


def with_front_end(network: keras.Model, *front_end: keras.layers.Layer) -> keras.Model:
    """Return a model that takes waveforms (clips, samples) of any length: front end, network."""
    waveform = x = keras.Input((None,), name="waveform")
    for layer in front_end:
        x = layer(x)
    return keras.Model(waveform, network(x), name=network.name)


def with_states(
    network: keras.Model, x: keras.KerasTensor
) -> tuple[keras.KerasTensor, list[keras.KerasTensor], list[keras.KerasTensor]]:
    """Give features to a causal network whose states come from outside (chapter 13).

    Where the network puts zeros before the first frame, the last frames that the layer was
    given with the piece before are put: its states.

    Parameters
    ----------
    network : one layer after the other, such as `models.connected_digit_network`
    x : features of a piece (1, frames, bands), of as many frames as make whole outputs

    Returns
    -------
    logits (1, outputs, symbols), the states as inputs, the states to give with the next piece
    """
    before, after = [], []
    for layer in network.layers[1:]:
        if not isinstance(layer, keras.layers.ZeroPadding1D | keras.layers.ZeroPadding2D):
            x = layer(x)
            continue
        (length, _), *bands = np.reshape(layer.padding, (-1, 2)).tolist()
        if length:
            state = keras.Input((length, *layer.input.shape[2:]), batch_size=1)
            x = keras.ops.concatenate([state, x], axis=1)
            before.append(state)
            after.append(x[:, -length:])
        if bands:
            x = keras.ops.pad(x, ((0, 0), (0, 0), *map(tuple, bands), (0, 0)))
    return x, before, after


def check_trained(model: keras.Model) -> None:
    """Refuse a model that was never trained, as far as its numbers tell.

    Biases and the numbers of a batch normalisation start at exactly 0 or 1, and hardly one
    stays there. A model that has none of them passes: nothing in it can tell.
    """
    initial = {
        weight.path: INITIAL_VALUES[weight.name]
        for weight in model.weights
        if weight.name in INITIAL_VALUES
    }
    values = {weight.path: weight.numpy() for weight in model.weights}
    if initial and all((values[path] == value).all() for path, value in initial.items()):
        raise DeploymentError(
            f"{model.name} was never trained: its {len(initial)} biases and normalisation numbers "
            "are what they are in a new model. Train it, or load its weights, then export."
        )


def converter_of(model: keras.Model) -> tf.lite.TFLiteConverter:
    """Return TensorFlow's converter to LiteRT for a model that is given one clip a call."""
    shape = tf.TensorSpec((1, *model.input_shape[1:]), name=model.inputs[0].name)
    graph = tf.function(lambda x: model(x, training=False)).get_concrete_function(shape)
    return tf.lite.TFLiteConverter.from_concrete_functions([graph])


def export_model(
    model: keras.Model, path: str | os.PathLike, clips: Sequence[np.ndarray], tolerance=1e-4
) -> Agreement:
    """Write a model so that it runs elsewhere, and prove that it says the same there.

    Parameters
    ----------
    model : one input, one output of logits (clips, …, classes)
    path : its ending chooses the format: ``.keras``, ``.onnx``, ``.tflite`` (LiteRT, one clip
        a call), none (a folder, SavedModel)
    clips : inputs to try the file with, each without the axis of the clips
    tolerance : largest difference of a logit that is still rounding

    Raises
    ------
    DeploymentError
        A model that was never trained, an operation that the format does not know, a file
        that cannot be loaded or says something else, a folder that cannot be written.
        Nothing is left behind then, and an older file stays as it was.
    """
    path = Path(path)
    if path.suffix not in FORMATS:
        raise DeploymentError(
            f"{path.name}: the name must end in .keras, .onnx, .tflite or nothing."
        )
    check_trained(model)
    if len(clips) == 0:
        raise DeploymentError("no clip to prove the file with: give at least one, better ten.")
    with written_whole(path) as unfinished:
        try:
            with quiet_stderr():
                expected = outputs(model, clips)
                if path.suffix == ".keras":
                    model.save(unfinished)
                elif path.suffix == ".tflite":
                    unfinished.write_bytes(converter_of(model).convert())
                else:
                    name = "onnx" if path.suffix else "tf_saved_model"
                    model.export(unfinished, format=name, verbose=False)
        except Exception as error:
            raise DeploymentError(
                f"{model.name} cannot be written as {path.suffix or 'SavedModel'}: {reason(error)} "
                "Build the layer from operations of keras.ops, or leave it outside the file."
            ) from error
        agreement = verify(unfinished, expected, clips)
        if not (agreement.difference <= tolerance and agreement.same == 1):
            raise DeploymentError(
                f"{path.name} was written but says something else: logits differ by up to "
                f"{agreement.difference:.3g} (allowed: {tolerance:g}), {agreement.same:.0%} of the "
                "decisions are the same. It was thrown away."
            )
    return agreement


def quantise(
    model: keras.Model,
    path: str | os.PathLike,
    clips: Sequence[np.ndarray] = (),
    in_float: str | None = None,
) -> None:
    """Write a LiteRT file with weights of 8 bits.

    Parameters
    ----------
    model : as for `export_model`
    path : ends in ``.tflite``
    clips : typical inputs, from the training side, without the axis of the clips. They tell
        how large the numbers between the layers become, so that these are kept in 8 bits too.
        None: weights only, the rest stays in float ("dynamic range")
    in_float : name of a layer whose numbers stay in float nevertheless, such as the front end
    """
    path = Path(path)
    check_trained(model)
    with written_whole(path) as unfinished, quiet_stderr():
        converter = converter_of(model)
        plain = converter.convert() if in_float else b""
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        if len(clips):
            converter.representative_dataset = lambda: ([clip[None]] for clip in clips)
        if len(clips) and in_float is None:
            converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
            converter.inference_input_type = converter.inference_output_type = tf.int8
        if in_float is None:
            unfinished.write_bytes(without_names(converter.convert()))
            return
        tensors = tf.lite.Interpreter(model_content=plain).get_tensor_details()
        options = tf.lite.experimental.QuantizationDebugOptions(
            denylisted_nodes=[t["name"] for t in tensors if in_float in t["name"]]
        )
        debugger = tf.lite.experimental.QuantizationDebugger(
            converter=converter,
            debug_dataset=converter.representative_dataset,
            debug_options=options,
        )
        unfinished.write_bytes(without_names(debugger.get_nondebug_quantized_model()))


def without_names(file: bytes) -> bytes:
    """Take the tensors' names out of a LiteRT file: a sixth of a small one, and for people only."""
    parsed = flatbuffer_utils.convert_bytearray_to_object(bytearray(file))
    flatbuffer_utils.strip_strings(parsed)
    return bytes(flatbuffer_utils.convert_object_to_bytearray(parsed))
