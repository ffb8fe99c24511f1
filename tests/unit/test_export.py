"""Exports and their proof, what is refused, and 8 bits."""

import os

from course_utils import files, models, training
from course_utils.connected_digits import STREAM_FRONT_END, connected_digit_features
from course_utils.features import network_input
from course_utils.files import WriteError
from course_utils.layers import LogMel
from course_utils.serving import DeploymentError
from course_utils.serving.export import (
    check_trained,
    export_model,
    quantise,
    with_front_end,
    with_states,
)
from course_utils.serving.runtimes import load, outputs, verify
from course_utils.setup.quiet import quiet_stderr

import keras
import numpy as np
import pytest
from tiny import CLIPS, Forgetful, Unexportable, tiny

pytestmark = pytest.mark.slow  # each writes several files, and runs them
FORMATS = ["model.keras", "model.onnx", "model.tflite", "model"]


@pytest.fixture(scope="module")
def expected(small_model, clips):
    return outputs(small_model, clips)


# ---------------------------------------------------------------- export


@pytest.mark.parametrize("name", FORMATS)
def test_export_says_the_same(name, small_model, clips, expected, tmp_path):
    agreement = export_model(small_model, tmp_path / name, clips)
    assert agreement.difference <= 1e-4 and agreement.same == 1
    assert [path.name for path in tmp_path.iterdir()] == [name], "nothing else is left"
    assert verify(tmp_path / name, expected, clips) == agreement


@pytest.mark.parametrize("name", FORMATS)
def test_an_older_file_is_replaced(name, tmp_path):
    for model in (tiny(), tiny(units=5)):
        export_model(model, tmp_path / name, CLIPS)
        assert [path.name for path in tmp_path.iterdir()] == [name], "nothing else is left"
    assert load(tmp_path / name)(CLIPS[0][None]).shape == (1, 5)


def test_a_network_whose_states_come_from_outside_says_the_same_in_pieces():
    training.set_seed(0)
    network = models.connected_digit_network()
    rng = np.random.default_rng(0)
    network.set_weights([w + rng.normal(0, 0.02, w.shape) for w in network.get_weights()])
    features = keras.Input((None, STREAM_FRONT_END.n_mels), batch_size=1)
    logits, before, after = with_states(network, features)
    step = keras.Model([features, *before], [logits, *after])
    heard = rng.normal(size=(1, 40, STREAM_FRONT_END.n_mels)).astype(np.float32)
    states = [keras.ops.zeros(state.shape) for state in before]
    found = []
    for start, stop in ((0, 4), (4, 16), (16, 20), (20, 40)):
        new, *states = step([keras.ops.convert_to_tensor(heard[:, start:stop]), *states])
        found.append(keras.ops.convert_to_numpy(new))
    expected = keras.ops.convert_to_numpy(network(heard))
    np.testing.assert_allclose(np.concatenate(found, axis=1), expected, atol=1e-5)


def test_string_network_exports_with_its_front_end(clips, tmp_path):
    training.set_seed(0)
    network = models.connected_digit_network()
    rng = np.random.default_rng(0)
    network.set_weights([w + rng.normal(0, 0.02, w.shape) for w in network.get_weights()])
    scale = keras.layers.Rescaling(1 / 3, offset=-np.log(STREAM_FRONT_END.floor) / 3)
    model = with_front_end(network, LogMel(STREAM_FRONT_END), scale)
    for clip, logits in zip(clips, outputs(model, clips)):
        expected = network(connected_digit_features(clip)[None])[0]
        np.testing.assert_allclose(logits, expected, atol=1e-3)
    for name in ("strings.onnx", "strings.tflite"):
        assert export_model(model, tmp_path / name, clips[:3]).same == 1


def test_written_but_wrong_is_caught(tmp_path):
    """A mel layer with an FFT inside: the ONNX file is written, and no runtime takes it."""
    mel = keras.layers.MelSpectrogram(fft_length=256, sequence_stride=80, sampling_rate=8000)
    wrong = keras.Sequential(
        [keras.Input((4000,)), mel, keras.layers.GlobalAveragePooling1D(), keras.layers.Dense(3)]
    )
    wrong.layers[-1].bias.assign([1.0, 2.0, 3.0])
    clip = np.random.default_rng(0).normal(size=4000).astype(np.float32)
    with quiet_stderr():
        wrong(clip[None])
        wrong.export(tmp_path / "wrong.onnx", format="onnx", verbose=False)
    assert (tmp_path / "wrong.onnx").stat().st_size > 1000, "it is written without a word"
    (tmp_path / "wrong.onnx").unlink()
    with pytest.raises(DeploymentError, match="cannot be loaded"):
        export_model(wrong, tmp_path / "wrong.onnx", [clip])
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_says_something_else_is_thrown_away(tmp_path):
    (tmp_path / "model.keras").write_text("the older file")
    with pytest.raises(DeploymentError, match="says something else: logits differ by up to"):
        export_model(tiny(Forgetful(2.0)), tmp_path / "model.keras", CLIPS)
    assert [path.name for path in tmp_path.iterdir()] == ["model.keras"]
    assert (tmp_path / "model.keras").read_text() == "the older file"


@pytest.mark.parametrize("name", ["model.onnx", "model.tflite", "model"])
def test_a_layer_that_cannot_be_exported_is_named(name, tmp_path):
    with pytest.raises(DeploymentError, match=r"cannot be written as .*Unexportable.*keras\.ops"):
        export_model(tiny(Unexportable(name="unexportable")), tmp_path / name, CLIPS)
    assert list(tmp_path.iterdir()) == []


def test_a_model_that_was_never_trained_is_refused(tmp_path):
    for born in (models.digit_network(98, 40), models.connected_digit_network()):
        with pytest.raises(DeploymentError, match="was never trained"):
            export_model(born, tmp_path / "model.keras", [])
        with pytest.raises(DeploymentError, match="was never trained"):
            quantise(born, tmp_path / "model.tflite")
    assert list(tmp_path.iterdir()) == []
    # one step of training is enough to pass, and so is a model without anything that tells
    model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(3)])
    model.compile("sgd", "mse")
    model.train_on_batch(np.ones((4, 8)), np.ones((4, 3)))
    check_trained(model)
    silent = keras.layers.Dense(3, use_bias=False)
    check_trained(keras.Sequential([keras.Input((8,)), silent]))


def test_a_folder_that_cannot_be_written_is_named(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("no folder")
    for folder in (tmp_path / "missing", tmp_path / "file"):
        with pytest.raises(WriteError, match="model.keras cannot be written into"):
            export_model(tiny(), folder / "model.keras", CLIPS)
    (tmp_path / "closed").mkdir(mode=0o500)
    if os.geteuid() == 0:  # root may write everywhere

        def refuse(**arguments):
            raise PermissionError(13, "Permission denied")

        monkeypatch.setattr(files.tempfile, "mkdtemp", refuse)
    with pytest.raises(WriteError, match=r"closed \(Permission denied\): choose a folder"):
        export_model(tiny(), tmp_path / "closed" / "model.keras", CLIPS)


def test_nothing_to_prove_it_with_is_refused(tmp_path):
    with pytest.raises(DeploymentError, match="no clip to prove the file with"):
        export_model(tiny(), tmp_path / "model.keras", [])


def test_an_unknown_ending_is_refused(tmp_path):
    with pytest.raises(DeploymentError, match="must end in .keras, .onnx, .tflite or nothing"):
        export_model(tiny(), tmp_path / "model.h5", CLIPS)


# ---------------------------------------------------------------- eight bits


def test_eight_bits_are_what_the_runtime_has(small_network, embedded, tmp_path):
    """Scale and whole numbers of each filter, by hand, against those in the file."""
    from ai_edge_litert.interpreter import Interpreter

    typical = network_input(embedded.waveforms[::40])
    quantise(small_network, tmp_path / "small.tflite", typical)
    assert (tmp_path / "small.tflite").stat().st_size <= 20_000
    run = load(tmp_path / "small.tflite")
    same = run(typical).argmax(-1) == np.argmax(small_network(typical), -1)
    assert same.mean() > 0.9

    with quiet_stderr():
        interpreter = Interpreter(str(tmp_path / "small.tflite"))
    stored = {}
    for tensor in interpreter.get_tensor_details():
        if tensor["dtype"] == np.int8 and len(tensor["shape"]) == 4:
            if tensor["quantization_parameters"]["scales"].size > 1:
                stored[tuple(tensor["shape"])] = tensor
    convolutions = [x for x in small_network.layers if isinstance(x, keras.layers.Conv2D)]
    norms = [x for x in small_network.layers if isinstance(x, keras.layers.BatchNormalization)]
    for convolution, norm in zip(convolutions, norms):
        gamma, _, _, variance = norm.get_weights()
        kernel = convolution.get_weights()[0] * gamma / np.sqrt(variance + norm.epsilon)
        kernel = np.moveaxis(kernel, -1, 0)  # one filter after the other
        tensor = stored[kernel.shape]
        scale = np.abs(kernel).max(axis=(1, 2, 3)) / 127
        np.testing.assert_allclose(tensor["quantization_parameters"]["scales"], scale, rtol=1e-5)
        assert not tensor["quantization_parameters"]["zero_points"].any()
        found = interpreter.get_tensor(tensor["index"])
        expected = np.round(kernel / scale[:, None, None, None])
        assert np.mean(found == expected) > 0.999 and np.abs(found - expected).max() <= 1


def test_the_front_end_has_to_stay_in_float(small_model, embedded, tmp_path):
    chosen = embedded.waveforms[::90]
    expected = outputs(small_model, chosen)
    same = {}
    for name in ("front_end", "no such layer"):
        quantise(small_model, tmp_path / "digit.tflite", chosen, in_float=name)
        same[name] = verify(tmp_path / "digit.tflite", expected, chosen).same
    assert same["front_end"] > 0.85 and same["no such layer"] < same["front_end"]


def test_weights_of_eight_bits_alone(small_model, clips, expected, tmp_path):
    quantise(small_model, tmp_path / "digit.tflite")
    assert verify(tmp_path / "digit.tflite", expected, clips).same > 0.8
