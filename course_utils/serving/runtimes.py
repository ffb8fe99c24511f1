"""Run a model file with its own runtime, and compare it with its model (chapter 12)."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import course_utils.setup.quiet_tensorflow  # noqa: F401  (before keras)
from course_utils.serving import DeploymentError
from course_utils.serving.encryption import decrypt
from course_utils.setup.quiet import quiet_stderr

import keras
import numpy as np
import tensorflow as tf

__all__ = ["Agreement", "compiled", "load", "outputs", "reason", "verify"]


def reason(error: Exception) -> str:
    """Line of a converter's or a runtime's complaint that names the layer, or else the first."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    named = [line for line in lines if "when calling" in line]  # Keras, on a layer's `call`
    return (named or lines or [type(error).__name__])[0]


class Agreement(NamedTuple):
    """How well a file agrees with its model: largest difference of a logit, equal decisions."""

    difference: float
    same: float


def load(path: str | os.PathLike, threads: int = 1) -> Callable[[np.ndarray], np.ndarray]:
    """Return a function from a batch to logits that runs a file with its own runtime.

    Takes what `export_model`, `quantise` and `encrypt` write. `threads` is for ONNX and LiteRT.
    Raises DeploymentError for a file that its runtime refuses, or that `decrypt` refuses.
    """
    path = Path(path)
    try:
        with quiet_stderr():
            if path.suffix == ".keras":
                return compiled(keras.models.load_model(path))
            if path.is_dir():
                saved = tf.saved_model.load(str(path))
                return lambda batch: saved.serve(batch).numpy()
            data = decrypt(path) if path.suffix == ".encrypted" else path.read_bytes()
            name = path.stem if path.suffix == ".encrypted" else path.name
            runtime = {".onnx": onnx_runtime, ".tflite": litert_runtime}[Path(name).suffix]
            return runtime(data, threads)
    except DeploymentError:
        raise
    except Exception as error:
        raise DeploymentError(f"{path.name} cannot be loaded: {reason(error)}") from error


def onnx_runtime(data: bytes, threads: int) -> Callable[[np.ndarray], np.ndarray]:
    """Return a function from a batch to logits, run by ONNX Runtime."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.log_severity_level = threads, 3
    session = onnxruntime.InferenceSession(data, options)
    name = session.get_inputs()[0].name
    return lambda batch: session.run(None, {name: batch})[0]


def litert_runtime(data: bytes, threads: int) -> Callable[[np.ndarray], np.ndarray]:
    """Return a function from a batch to logits, run by LiteRT clip by clip."""
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(model_content=data, num_threads=threads)
    (into,), (out,) = interpreter.get_input_details(), interpreter.get_output_details()
    prepared: list[tuple[int, ...] | None] = [None]  # the shape that memory was laid out for

    def run_clip(clip: np.ndarray) -> np.ndarray:
        if clip.shape != prepared[0]:
            interpreter.resize_tensor_input(into["index"], clip.shape)
            interpreter.allocate_tensors()
            prepared[0] = clip.shape
        if into["dtype"] == np.int8:
            scale, zero_point = into["quantization"]
            clip = np.clip(np.round(clip / scale) + zero_point, -128, 127).astype(np.int8)
        interpreter.set_tensor(into["index"], clip)
        interpreter.invoke()
        answer = interpreter.get_tensor(out["index"])
        if out["dtype"] == np.int8:
            scale, zero_point = out["quantization"]
            answer = scale * (answer.astype(np.float32) - zero_point)
        return answer

    return lambda batch: np.concatenate([run_clip(clip[None]) for clip in batch])


def compiled(model: keras.Model) -> Callable[[np.ndarray], np.ndarray]:
    """Return a function from a batch to logits, compiled once for clips of any length."""
    signature = [tf.TensorSpec(model.inputs[0].shape, tf.float32)]
    call = tf.function(lambda batch: model(batch, training=False), input_signature=signature)
    return lambda batch: call(batch).numpy()


def outputs(model: keras.Model, clips: Sequence[np.ndarray]) -> list[np.ndarray]:
    """Logits of each clip, given to the Keras model one by one: they may differ in length."""
    run = compiled(model)
    return [run(clip[None])[0] for clip in clips]


def verify(
    path: str | os.PathLike, expected: Sequence[np.ndarray], clips: Sequence[np.ndarray]
) -> Agreement:
    """Load a file, run it on clips, and compare with what `outputs` of the model are."""
    run = load(path)
    try:
        with quiet_stderr():
            found = [run(np.asarray(clip, np.float32)[None])[0] for clip in clips]
    except Exception as error:
        raise DeploymentError(
            f"{Path(path).name} loads but does not run: {reason(error)}"
        ) from error
    differences = [np.abs(a - b).max(initial=0) for a, b in zip(expected, found)]
    decisions = [a.argmax(-1) == b.argmax(-1) for a, b in zip(expected, found)]
    return Agreement(float(np.max(differences)), float(np.mean(np.hstack(decisions))))
