"""Take a recogniser out of the notebook: export, verify, compress, lock (chapter 11)."""

from __future__ import annotations

import base64
import contextlib
import io
import os
import shutil
import tempfile
import warnings
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import course_utils.start_tensorflow  # noqa: F401  (before keras)

import keras
import numpy as np
import tensorflow as tf
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from keras import ops
from tensorflow.lite.tools import flatbuffer_utils

FORMATS = (".keras", ".onnx", ".tflite", "")  # the last: a folder, TensorFlow's SavedModel
KEY_VARIABLE = "COURSE_MODEL_KEY"
LOCKED = b"course-model-1"  # what a locked file begins with
# What each number is before the first step of training, by the end of its name
AT_BIRTH = {"bias": 0, "beta": 0, "gamma": 1, "moving_mean": 0, "moving_variance": 1}


class DeploymentError(RuntimeError):
    """A model cannot be written, read or trusted; the message says why and what to do."""


def with_front_end(network: keras.Model, *front_end: keras.layers.Layer) -> keras.Model:
    """Return a model that takes waveforms (clips, samples) of any length: front end, network."""
    waveform = x = keras.Input((None,), name="waveform")
    for layer in front_end:
        x = layer(x)
    return keras.Model(waveform, network(x), name=network.name)


# ---------------------------------------------------------------- write


def reason(error: Exception) -> str:
    """Line of a converter's or a runtime's complaint that names the layer, or else the first."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    named = [line for line in lines if "when calling" in line]  # Keras, on a layer's `call`
    return (named or lines or [type(error).__name__])[0]


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Silence what converters and runtimes write to stderr; what they raise still comes."""
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        with warnings.catch_warnings(), contextlib.redirect_stderr(io.StringIO()):
            warnings.simplefilter("ignore")
            yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


def check_trained(model: keras.Model) -> None:
    """Refuse a model that was never trained, as far as its numbers tell.

    Biases and the numbers of a batch normalisation start at exactly 0 or 1, and hardly one
    stays there. A model that has none of them passes: nothing in it can tell.
    """
    born = {
        weight.path: AT_BIRTH[weight.name] for weight in model.weights if weight.name in AT_BIRTH
    }
    values = {weight.path: ops.convert_to_numpy(weight) for weight in model.weights}
    if born and all((values[path] == value).all() for path, value in born.items()):
        raise DeploymentError(
            f"{model.name} was never trained: its {len(born)} biases and normalisation numbers "
            "are what they are in a new model. Train it, or load its weights, then export."
        )


@contextlib.contextmanager
def written_whole(path: Path) -> Iterator[Path]:
    """Give a place to write to; put it at `path` when all went well, or leave nothing."""
    try:
        work = Path(tempfile.mkdtemp(prefix=".unfinished-", dir=path.parent))
    except OSError as error:
        raise DeploymentError(
            f"{path.name} cannot be written into {path.parent} ({error.strerror}): choose a "
            "folder that exists and that you may write to."
        ) from error
    try:
        yield work / path.name
        if path.is_dir():
            os.replace(path, work / "old")  # an older SavedModel
        os.replace(work / path.name, path)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def convert(model: keras.Model, n_clips: int | None, folder: Path) -> tf.lite.TFLiteConverter:
    """Write a SavedModel into `folder` and return TensorFlow's converter to LiteRT for it."""
    signature = [keras.InputSpec(shape=(n_clips, *model.input_shape[1:]), dtype="float32")]
    model.export(folder, format="tf_saved_model", verbose=False, input_signature=signature)
    return tf.lite.TFLiteConverter.from_saved_model(str(folder))


def export(
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
            with quiet():
                expected = outputs(model, clips)
                if path.suffix == ".keras":
                    model.save(unfinished)
                elif path.suffix == ".tflite":
                    converter = convert(model, 1, unfinished.with_name("graph"))
                    unfinished.write_bytes(converter.convert())
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
    model : as for `export`
    path : ends in ``.tflite``
    clips : typical inputs, from the training side, without the axis of the clips. They tell
        how large the numbers between the layers become, so that these are kept in 8 bits too.
        None: weights only, the rest stays in float ("dynamic range")
    in_float : name of a layer whose numbers stay in float nevertheless, such as the front end
    """
    path = Path(path)
    check_trained(model)
    with written_whole(path) as unfinished, quiet():
        graph = unfinished.with_name("graph")
        converter = convert(model, 1, graph)
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        if len(clips):
            converter.representative_dataset = lambda: ([clip[None]] for clip in clips)
        if len(clips) and in_float is None:
            converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
            converter.inference_input_type = converter.inference_output_type = tf.int8
        if in_float is None:
            unfinished.write_bytes(without_names(converter.convert()))
            return
        plain = tf.lite.TFLiteConverter.from_saved_model(str(graph)).convert()
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
    """Take the tensors' names out of a LiteRT file: a fifth of a small one, and for people only."""
    parsed = flatbuffer_utils.convert_bytearray_to_object(bytearray(file))
    flatbuffer_utils.strip_strings(parsed)
    return bytes(flatbuffer_utils.convert_object_to_bytearray(parsed))


# ---------------------------------------------------------------- read, and compare


class Agreement(NamedTuple):
    """How well a file agrees with its model: largest difference of a logit, equal decisions."""

    difference: float
    same: float


def load(path: str | os.PathLike, threads: int = 1) -> Callable[[np.ndarray], np.ndarray]:
    """Return a function from a batch to logits that runs a file with its own runtime.

    Takes what `export`, `quantise` and `lock` write. `threads` is for ONNX and LiteRT.
    Raises DeploymentError for a file that its runtime refuses, or that `unlock` refuses.
    """
    path = Path(path)
    try:
        with quiet():
            if path.suffix == ".keras":
                return compiled(keras.models.load_model(path))
            if path.is_dir():
                saved = tf.saved_model.load(str(path))
                return lambda batch: saved.serve(batch).numpy()
            data = unlock(path) if path.suffix == ".locked" else path.read_bytes()
            name = path.stem if path.suffix == ".locked" else path.name
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
    prepared = [None]  # the shape that memory was laid out for

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
        with quiet():
            found = [run(np.asarray(clip, np.float32)[None])[0] for clip in clips]
    except Exception as error:
        raise DeploymentError(
            f"{Path(path).name} loads but does not run: {reason(error)}"
        ) from error
    differences = [np.abs(a - b).max(initial=0) for a, b in zip(expected, found)]
    decisions = [a.argmax(-1) == b.argmax(-1) for a, b in zip(expected, found)]
    return Agreement(float(np.max(differences)), float(np.mean(np.hstack(decisions))))


# ---------------------------------------------------------------- lock


def new_key() -> str:
    """Return a random key of 256 bits as text, for the environment variable COURSE_MODEL_KEY."""
    return base64.urlsafe_b64encode(AESGCM.generate_key(256)).decode()


def cipher() -> AESGCM:
    """Return the cipher with the key of the environment variable; DeploymentError without one."""
    try:
        return AESGCM(base64.urlsafe_b64decode(os.environ[KEY_VARIABLE]))
    except (KeyError, ValueError) as error:
        state = "is not set" if isinstance(error, KeyError) else "holds no key of 256 bits"
        raise DeploymentError(
            f"The environment variable {KEY_VARIABLE} {state}: set it to what "
            "deployment.new_key() returned when the file was locked."
        ) from error


def lock(path: str | os.PathLike) -> Path:
    """Encrypt and authenticate a file with AES-256 in Galois/Counter Mode (NIST SP 800-38D).

    Writes `path` with ``.locked`` after it and returns that; the file's name is sealed too.
    """
    path = Path(path)
    nonce = os.urandom(12)  # never the same one twice with one key
    locked = path.with_name(f"{path.name}.locked")
    sealed = cipher().encrypt(nonce, path.read_bytes(), LOCKED + path.name.encode())
    with written_whole(locked) as unfinished:
        unfinished.write_bytes(LOCKED + nonce + sealed)
    return locked


def unlock(path: str | os.PathLike) -> bytes:
    """Return the content of a file that `lock` wrote; DeploymentError if a single bit differs."""
    path = Path(path)
    data, start = path.read_bytes(), len(LOCKED)
    try:
        if not data.startswith(LOCKED) or len(data) < start + 12:
            raise InvalidTag
        nonce, sealed = data[start : start + 12], data[start + 12 :]
        return cipher().decrypt(nonce, sealed, LOCKED + path.stem.encode())
    except InvalidTag as error:
        raise DeploymentError(
            f"{path.name} was not opened: it was changed, cut or renamed, or locked with another "
            "key. Nothing of it was loaded. Get it again from where it came."
        ) from error
