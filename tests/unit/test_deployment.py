"""The front end inside, exports and their proof, 8 bits, locked files, the stored models."""

import hashlib
import os
from pathlib import Path

from course_utils import corpora, models, training
from course_utils.serving import export
from course_utils.serving.export import DeploymentError
from course_utils.features import FrontEnd, network_input
from course_utils.layers import LogMel, NetworkInput
from course_utils.metrics import accuracy

import keras
import numpy as np
import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

MODELS = Path(__file__).resolve().parents[2] / "data" / "models"


@pytest.fixture(scope="module")
def network():
    return keras.models.load_model(MODELS / "small_digit_network.keras")


@pytest.fixture(scope="module")
def model(network):
    return deployment.with_front_end(network, NetworkInput(name="front_end"))


@pytest.fixture(scope="module")
def clips(embedded):
    lengths = [len(waveform) for waveform in embedded.waveforms]
    return [embedded.waveforms[i] for i in np.argsort(lengths)[:: len(lengths) // 8]]


def tiny(*layers, units=3, inputs=8):
    """A model that counts as trained: its last bias is not zero."""
    model = keras.Sequential([keras.Input((inputs,)), *layers, keras.layers.Dense(units)])
    model.layers[-1].bias.assign(np.arange(1.0, units + 1))
    return model


TINY_CLIPS = [np.linspace(-1, 1, 8, dtype=np.float32), np.ones(8, np.float32)]


# ---------------------------------------------------------------- the front end inside


@pytest.mark.parametrize("n_samples", [10, 255, 256, 335, 336, 417, 2384, 8015, 8016, 8017, 20001])
def test_front_end_is_that_of_training(n_samples):
    rng = np.random.default_rng(n_samples)
    clips = rng.normal(0, 0.1, (2, n_samples)).astype(np.float32)
    found = keras.ops.convert_to_numpy(NetworkInput()(clips))
    np.testing.assert_allclose(found, network_input(clips), atol=1e-4)


def test_front_end_with_speech_silence_and_other_settings(clips):
    for clip in clips:
        found = keras.ops.convert_to_numpy(NetworkInput()(clip[None]))
        np.testing.assert_allclose(found, network_input([clip]), atol=1e-4)
    assert not np.any(NetworkInput()(np.zeros((1, 3000), np.float32)))
    other = FrontEnd(frame_length=512, hop_length=100, n_mels=30, range_db=65.0)
    layer = NetworkInput.from_config(NetworkInput(other).get_config())
    found = keras.ops.convert_to_numpy(layer(clips[-1][None]))
    np.testing.assert_allclose(found, network_input([clips[-1]], other), atol=1e-4)


# ---------------------------------------------------------------- export


@pytest.mark.parametrize("name", ["digit.keras", "digit.onnx", "digit.tflite", "digit"])
def test_export_says_the_same(name, model, clips, tmp_path):
    agreement = deployment.export(model, tmp_path / name, clips)
    assert agreement.difference <= 1e-4 and agreement.same == 1
    assert [path.name for path in tmp_path.iterdir()] == [name], "nothing else is left"
    expected = deployment.outputs(model, clips)
    assert deployment.verify(tmp_path / name, expected, clips) == agreement
    deployment.export(model, tmp_path / name, clips[:1])  # over an older one


def test_string_network_exports_with_its_front_end(clips, tmp_path):
    from course_utils.connected_digits import STREAM_FRONT_END, connected_digit_features

    training.set_seed(0)
    network = models.connected_digit_network()
    rng = np.random.default_rng(0)
    network.set_weights([w + rng.normal(0, 0.02, w.shape) for w in network.get_weights()])
    scale = keras.layers.Rescaling(1 / 3, offset=-np.log(STREAM_FRONT_END.floor) / 3)
    model = deployment.with_front_end(network, LogMel(STREAM_FRONT_END), scale)
    for clip, logits in zip(clips, deployment.outputs(model, clips)):
        expected = network(connected_digit_features(clip)[None])[0]
        np.testing.assert_allclose(logits, expected, atol=1e-3)
    for name in ("strings.onnx", "strings.tflite"):
        assert deployment.export(model, tmp_path / name, clips[:3]).same == 1


def test_verify_sees_a_difference(model, clips, tmp_path):
    deployment.export(model, tmp_path / "digit.onnx", clips[:1])
    expected = deployment.outputs(model, clips)
    wrong = [logits.copy() for logits in expected]
    wrong[2][wrong[2].argmin()] += 100
    agreement = deployment.verify(tmp_path / "digit.onnx", wrong, clips)
    assert agreement.difference > 99 and agreement.same == pytest.approx(1 - 1 / len(clips))


def test_written_but_wrong_is_caught(tmp_path):
    """A mel layer with an FFT inside: the ONNX file is written, and no runtime takes it."""
    mel = keras.layers.MelSpectrogram(fft_length=256, sequence_stride=80, sampling_rate=8000)
    wrong = keras.Sequential(
        [keras.Input((4000,)), mel, keras.layers.GlobalAveragePooling1D(), keras.layers.Dense(3)]
    )
    wrong.layers[-1].bias.assign([1.0, 2.0, 3.0])
    clip = np.random.default_rng(0).normal(size=4000).astype(np.float32)
    with deployment.quiet():
        wrong(clip[None])
        wrong.export(tmp_path / "wrong.onnx", format="onnx", verbose=False)
    assert (tmp_path / "wrong.onnx").stat().st_size > 1000, "it is written without a word"
    (tmp_path / "wrong.onnx").unlink()
    with pytest.raises(DeploymentError, match="cannot be loaded"):
        deployment.export(wrong, tmp_path / "wrong.onnx", [clip])
    assert list(tmp_path.iterdir()) == []


@keras.saving.register_keras_serializable("test")
class Forgetful(keras.layers.Layer):
    """Loses its scale when it is saved: the file loads and says something else."""

    def __init__(self, scale=1.0, **kwargs):
        super().__init__(**kwargs)
        self.scale = scale

    def call(self, x):
        return x * self.scale

    def get_config(self):
        return {"name": self.name}


@keras.saving.register_keras_serializable("test")
class Unexportable(keras.layers.Layer):
    """Leaves the graph: NumPy cannot be written into a file."""

    def call(self, x):
        return keras.ops.convert_to_tensor(np.sort(np.asarray(x)))

    def compute_output_shape(self, input_shape):
        return input_shape


def test_a_file_that_says_something_else_is_thrown_away(tmp_path):
    (tmp_path / "model.keras").write_text("the older file")
    with pytest.raises(DeploymentError, match="says something else: logits differ by up to"):
        deployment.export(tiny(Forgetful(2.0)), tmp_path / "model.keras", TINY_CLIPS)
    assert [path.name for path in tmp_path.iterdir()] == ["model.keras"]
    assert (tmp_path / "model.keras").read_text() == "the older file"


@pytest.mark.parametrize("name", ["model.onnx", "model.tflite", "model"])
def test_a_layer_that_cannot_be_exported_is_named(name, tmp_path):
    with pytest.raises(DeploymentError, match=r"cannot be written as .*Unexportable.*keras\.ops"):
        deployment.export(tiny(Unexportable(name="unexportable")), tmp_path / name, TINY_CLIPS)
    assert list(tmp_path.iterdir()) == []


def test_a_model_that_was_never_trained_is_refused(tmp_path):
    for born in (models.digit_network(98, 40), models.connected_digit_network()):
        with pytest.raises(DeploymentError, match="was never trained"):
            deployment.export(born, tmp_path / "model.keras", [])
        with pytest.raises(DeploymentError, match="was never trained"):
            deployment.quantise(born, tmp_path / "model.tflite")
    assert list(tmp_path.iterdir()) == []
    # one step of training is enough to pass, and so is a model without anything that tells
    model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(3)])
    model.compile("sgd", "mse")
    model.train_on_batch(np.ones((4, 8)), np.ones((4, 3)))
    deployment.check_trained(model)
    silent = keras.layers.Dense(3, use_bias=False)
    deployment.check_trained(keras.Sequential([keras.Input((8,)), silent]))


def test_a_folder_that_cannot_be_written_is_named(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("no folder")
    for folder in (tmp_path / "missing", tmp_path / "file"):
        with pytest.raises(DeploymentError, match="model.keras cannot be written into"):
            deployment.export(tiny(), folder / "model.keras", TINY_CLIPS)
    (tmp_path / "closed").mkdir(mode=0o500)
    if os.geteuid() == 0:  # root may write everywhere

        def refuse(**arguments):
            raise PermissionError(13, "Permission denied")

        monkeypatch.setattr(deployment.tempfile, "mkdtemp", refuse)
    with pytest.raises(DeploymentError, match=r"closed \(Permission denied\): choose a folder"):
        deployment.export(tiny(), tmp_path / "closed" / "model.keras", TINY_CLIPS)


def test_nothing_to_prove_it_with_is_refused(tmp_path):
    with pytest.raises(DeploymentError, match="no clip to prove the file with"):
        deployment.export(tiny(), tmp_path / "model.keras", [])


def test_an_unknown_ending_is_refused(tmp_path):
    with pytest.raises(DeploymentError, match="must end in .keras, .onnx, .tflite or nothing"):
        deployment.export(tiny(), tmp_path / "model.h5", TINY_CLIPS)


# ---------------------------------------------------------------- eight bits


def test_eight_bits_are_what_the_runtime_has(network, embedded, tmp_path):
    """Scale and whole numbers of each filter, by hand, against those in the file."""
    from ai_edge_litert.interpreter import Interpreter

    typical = network_input(embedded.waveforms[::40])
    deployment.quantise(network, tmp_path / "small.tflite", typical)
    assert (tmp_path / "small.tflite").stat().st_size <= 32_000
    run = deployment.load(tmp_path / "small.tflite")
    same = run(typical).argmax(-1) == np.argmax(network(typical), -1)
    assert same.mean() > 0.9

    with deployment.quiet():
        interpreter = Interpreter(str(tmp_path / "small.tflite"))
    stored = {}
    for tensor in interpreter.get_tensor_details():
        if tensor["dtype"] == np.int8 and len(tensor["shape"]) == 4:
            if tensor["quantization_parameters"]["scales"].size > 1:
                stored[tuple(tensor["shape"])] = tensor
    convolutions = [x for x in network.layers if isinstance(x, keras.layers.Conv2D)]
    norms = [x for x in network.layers if isinstance(x, keras.layers.BatchNormalization)]
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


def test_the_front_end_has_to_stay_in_float(model, embedded, tmp_path):
    chosen = embedded.waveforms[::90]
    expected = deployment.outputs(model, chosen)
    same = {}
    for name in ("front_end", "no such layer"):
        deployment.quantise(model, tmp_path / "digit.tflite", chosen, in_float=name)
        same[name] = deployment.verify(tmp_path / "digit.tflite", expected, chosen).same
    assert same["front_end"] > 0.85 and same["no such layer"] < same["front_end"]


def test_weights_of_eight_bits_alone(model, clips, tmp_path):
    deployment.quantise(model, tmp_path / "digit.tflite")
    expected = deployment.outputs(model, clips)
    assert deployment.verify(tmp_path / "digit.tflite", expected, clips).same > 0.8


# ---------------------------------------------------------------- locked files


@pytest.fixture
def locked(model, clips, tmp_path, monkeypatch):
    monkeypatch.setenv(deployment.KEY_VARIABLE, deployment.new_key())
    deployment.export(model, tmp_path / "digit.tflite", clips[:1])
    return deployment.lock(tmp_path / "digit.tflite")


def test_a_locked_file_says_the_same(locked, model, clips):
    plain = locked.with_suffix("").read_bytes()
    assert plain[:200] not in locked.read_bytes() and deployment.unlock(locked) == plain
    assert deployment.verify(locked, deployment.outputs(model, clips), clips).same == 1
    again = deployment.lock(locked.with_suffix(""))
    assert deployment.unlock(again) == plain, "and never the same bytes twice"


def test_what_was_tampered_with_is_refused_before_it_is_loaded(tmp_path, monkeypatch):
    monkeypatch.setenv(deployment.KEY_VARIABLE, deployment.new_key())
    monkeypatch.setattr(deployment, "litert_runtime", lambda *a: pytest.fail("it was loaded"))
    (tmp_path / "m.tflite").write_bytes(b"weights of a small model" * 3)
    path = deployment.lock(tmp_path / "m.tflite")
    sound = path.read_bytes()
    changed = [sound[:i] + bytes([sound[i] ^ 1]) + sound[i + 1 :] for i in range(len(sound))]
    cut = [sound[:n] for n in range(len(sound))] + [sound + b"x", sound[1:]]
    for damaged in changed + cut:
        path.write_bytes(damaged)
        with pytest.raises(DeploymentError, match="was not opened"):
            deployment.load(path)
    path.write_bytes(sound)
    other = path.rename(tmp_path / "other.tflite.locked")
    with pytest.raises(DeploymentError, match="renamed"):
        deployment.load(other)
    monkeypatch.setenv(deployment.KEY_VARIABLE, deployment.new_key())
    with pytest.raises(DeploymentError, match="another key"):
        deployment.load(other.rename(path))


@pytest.mark.parametrize("key", [None, "", "secret", "c2hvcnQ=", "ä"])
def test_a_key_that_is_none_is_refused(key, tmp_path, monkeypatch):
    monkeypatch.delenv(deployment.KEY_VARIABLE, raising=False)
    if key is not None:
        monkeypatch.setenv(deployment.KEY_VARIABLE, key)
    (tmp_path / "m.tflite").write_bytes(b"weights")
    with pytest.raises(DeploymentError, match="COURSE_MODEL_KEY (is not set|holds no key)"):
        deployment.lock(tmp_path / "m.tflite")


def test_the_lock_is_the_standard_one(tmp_path, monkeypatch):
    key = bytes(range(32))
    monkeypatch.setenv(deployment.KEY_VARIABLE, deployment.base64.b64encode(key).decode())
    (tmp_path / "m.onnx").write_bytes(b"weights")
    data = deployment.lock(tmp_path / "m.onnx").read_bytes()
    n = len(deployment.LOCKED)
    sealed_with = deployment.LOCKED + b"m.onnx"
    assert AESGCM(key).decrypt(data[n : n + 12], data[n + 12 :], sealed_with) == b"weights"


def test_code_in_a_keras_file_is_not_run(tmp_path):
    model = keras.Sequential(
        [keras.Input((8,)), keras.layers.Lambda(lambda x: x), keras.layers.Dense(3)]
    )
    model.save(tmp_path / "m.keras")
    with pytest.raises(DeploymentError, match="(?i)cannot be loaded.*lambda"):
        deployment.load(tmp_path / "m.keras")


@pytest.mark.parametrize("name", ["m.keras", "m.onnx", "m.tflite", "m"])
def test_a_file_that_is_none_is_refused(name, tmp_path):
    with pytest.raises(DeploymentError, match=f"{name} cannot be loaded"):
        deployment.load(tmp_path / name)
    (tmp_path / name).write_bytes(b"this is no model")
    with pytest.raises(DeploymentError, match=f"{name} cannot be loaded"):
        deployment.load(tmp_path / name)


# ---------------------------------------------------------------- the stored models


def test_stored_models_are_those_that_were_measured():
    sums = [line.split("  ") for line in (MODELS / "SHA256SUMS").read_text().splitlines()]
    assert {name for _, name in sums} == {path.name for path in MODELS.glob("*.keras")}
    for expected, name in sums:
        assert hashlib.sha256((MODELS / name).read_bytes()).hexdigest() == expected, name
        assert (MODELS / name).stat().st_size <= 500_000
        deployment.check_trained(keras.models.load_model(MODELS / name))


@pytest.mark.parametrize(
    ("name", "least"), [("digit_network", 0.99), ("small_digit_network", 0.98)]
)
def test_stored_digit_networks_hear(name, least, fsdd):
    test = corpora.official_split(fsdd).test
    network = keras.models.load_model(MODELS / f"{name}.keras")
    logits = network(network_input(test.waveforms))
    assert accuracy(test.labels, np.argmax(logits, -1)).value >= least
