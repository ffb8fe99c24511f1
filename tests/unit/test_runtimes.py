"""Model files with their own runtimes: what they say, and what is refused."""

from course_utils.serving import DeploymentError
from course_utils.serving.export import export_model
from course_utils.serving.runtimes import load, outputs, reason, verify

import keras
import numpy as np
import pytest
from tiny import CLIPS, tiny

FORMATS = ["m.keras", "m.onnx", "m.tflite", "m"]


@pytest.fixture(scope="module")
def model():
    return tiny()


@pytest.fixture(scope="module")
def folder(model, tmp_path_factory):
    folder = tmp_path_factory.mktemp("files")
    for name in FORMATS:
        export_model(model, folder / name, CLIPS)
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("name", FORMATS)
def test_every_file_runs_with_its_own_runtime(name, folder, model):
    expected = keras.ops.convert_to_numpy(model(np.array(CLIPS)))
    for threads in (1, 2):
        found = load(folder / name, threads)(np.array(CLIPS))
        np.testing.assert_allclose(found, expected, atol=1e-5)
    np.testing.assert_allclose(outputs(model, CLIPS), expected, atol=1e-5)


@pytest.mark.slow
@pytest.mark.parametrize("name", FORMATS)
def test_verify_sees_a_difference(name, folder, model):
    expected = outputs(model, CLIPS)
    assert verify(folder / name, expected, CLIPS).same == 1
    wrong = [logits.copy() for logits in expected]
    wrong[1][wrong[1].argmin()] += 100
    agreement = verify(folder / name, wrong, CLIPS)
    assert agreement.difference > 99 and agreement.same == 1 / 2


@pytest.mark.slow
def test_a_file_that_does_not_run_is_named(folder):
    with pytest.raises(DeploymentError, match="m.onnx loads but does not run"):
        verify(folder / "m.onnx", [np.zeros(3)], [np.zeros(7, np.float32)])


def test_the_reason_is_the_line_that_names_the_layer():
    assert reason(ValueError("first\nException when calling Odd.call()\nlast")).endswith("call()")
    assert reason(ValueError("\n  first\nsecond")) == "first"
    assert reason(ValueError()) == "ValueError"


def test_code_in_a_keras_file_is_not_run(tmp_path):
    model = keras.Sequential(
        [keras.Input((8,)), keras.layers.Lambda(lambda x: x), keras.layers.Dense(3)]
    )
    model.save(tmp_path / "m.keras")
    with pytest.raises(DeploymentError, match="(?i)cannot be loaded.*lambda"):
        load(tmp_path / "m.keras")


@pytest.mark.parametrize("name", ["m.keras", "m.onnx", "m.tflite", "m"])
def test_a_file_that_is_none_is_refused(name, tmp_path):
    with pytest.raises(DeploymentError, match=f"{name} cannot be loaded"):
        load(tmp_path / name)
    (tmp_path / name).write_bytes(b"this is no model")
    with pytest.raises(DeploymentError, match=f"{name} cannot be loaded"):
        load(tmp_path / name)
