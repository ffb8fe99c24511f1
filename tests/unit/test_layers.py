"""The front end as a Keras layer: the same numbers, also after it was saved or exported."""

from course_utils import features
from course_utils.layers import LogMel

import keras
import numpy as np
import onnxruntime
import pytest
from ai_edge_litert.interpreter import Interpreter


def test_layer_equals_numpy(noise_clips, front_end):
    layer = np.asarray(LogMel(front_end)(noise_clips))
    expected = features.log_mel(noise_clips, front_end)
    np.testing.assert_allclose(layer, expected, rtol=1e-4, atol=1e-4)


@pytest.fixture(scope="module")
def model(noise_clips):
    waveform = keras.Input((8000,), batch_size=1, name="waveform")
    model = keras.Model(waveform, LogMel()(waveform))
    model(noise_clips[:1])  # Keras exports only models that have been called
    return model


@pytest.fixture(scope="module")
def clip(noise_clips):
    return noise_clips[36:37]


@pytest.fixture(scope="module")
def expected(clip):
    return features.log_mel(clip)


def test_a_saved_layer_says_the_same(model, clip, expected, tmp_path):
    model.save(tmp_path / "front_end.keras")
    restored = keras.models.load_model(tmp_path / "front_end.keras")
    np.testing.assert_allclose(restored(clip), expected, rtol=1e-4, atol=1e-4)


def test_onnx_says_the_same(model, clip, expected, tmp_path):
    model.export(tmp_path / "front_end.onnx", format="onnx", verbose=False)
    session = onnxruntime.InferenceSession(tmp_path / "front_end.onnx")
    (result,) = session.run(None, {session.get_inputs()[0].name: clip})
    np.testing.assert_allclose(result, expected, rtol=1e-4, atol=1e-4)


def test_litert_says_the_same(model, clip, expected, tmp_path):
    model.export(tmp_path / "front_end.tflite", format="litert", verbose=False)
    interpreter = Interpreter(str(tmp_path / "front_end.tflite"))
    interpreter.allocate_tensors()
    interpreter.set_tensor(interpreter.get_input_details()[0]["index"], clip)
    interpreter.invoke()
    result = interpreter.get_tensor(interpreter.get_output_details()[0]["index"])
    np.testing.assert_allclose(result, expected, rtol=1e-4, atol=1e-4)


def test_its_configuration_makes_the_same_layer(front_end):
    layer = LogMel.from_config(LogMel(front_end, name="front_end").get_config())
    assert layer.front_end == front_end and layer.name == "front_end"


def test_it_is_not_trained(model):
    assert model.count_params() > 0 and not model.trainable_weights
