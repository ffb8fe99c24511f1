"""The front end against librosa, SciPy and its own Keras layer."""

from course_utils import features
from course_utils.features import FrontEnd

import librosa
import numpy as np
import pytest
import scipy.fftpack
import scipy.signal

FRONT_ENDS = [
    FrontEnd(),
    FrontEnd(n_mels=20, fmin=0.0, fmax=3000.0, hop_length=100, floor=1e-8),
    FrontEnd(sample_rate=16000, frame_length=512, hop_length=160, fmax=8000.0, n_mels=64),
]


@pytest.fixture(scope="module")
def batch():
    noise = np.random.default_rng(0).normal(0, 0.1, (37, 8000)).astype(np.float32)
    for i, row in enumerate(noise):  # clips of every length, padded with zeros
        row[300 + 200 * i :] = 0
    noise[3] = 0
    return noise


def librosa_mel(waveform, front_end):
    return librosa.feature.melspectrogram(
        y=waveform,
        sr=front_end.sample_rate,
        n_fft=front_end.frame_length,
        hop_length=front_end.hop_length,
        center=False,
        n_mels=front_end.n_mels,
        fmin=front_end.fmin,
        fmax=front_end.fmax,
        htk=True,
        norm=None,
    )


@pytest.mark.parametrize("front_end", FRONT_ENDS)
def test_log_mel_equals_librosa(batch, front_end):
    ours = features.log_mel(batch, front_end)
    mel = librosa_mel(batch, front_end).swapaxes(-1, -2)
    assert ours.dtype == np.float32 and ours.shape == mel.shape
    np.testing.assert_allclose(np.exp(ours), np.maximum(mel, front_end.floor), rtol=1e-4)


def test_one_clip_is_as_in_the_batch(batch):
    together = features.log_mel(batch)
    for i in (0, 3, 36):
        np.testing.assert_allclose(features.log_mel(batch[i]), together[i], atol=1e-5)
    assert features.log_mel(batch.reshape(37, 1, 8000)).shape == (37, 1, 97, 40)


def test_spectrogram_equals_librosa(batch):
    stft = librosa.stft(batch[36], n_fft=256, hop_length=80, center=False)
    expected = np.abs(stft.T) ** 2
    np.testing.assert_allclose(features.spectrogram(batch[36]), expected, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("lifter", [0, 22])
def test_mfcc_equals_librosa_and_scipy(batch, lifter):
    log_mel = features.log_mel(batch[36])
    ours = features.mfcc(log_mel, 13, lifter)
    theirs = librosa.feature.mfcc(S=log_mel.T, n_mfcc=13, lifter=lifter, norm="ortho").T
    np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-4)
    if not lifter:
        dct = scipy.fftpack.dct(log_mel, norm="ortho")[:, :13]
        np.testing.assert_allclose(ours, dct, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("width", [3, 9])
def test_delta_equals_librosa(batch, width):
    log_mel = features.log_mel(batch[36])
    theirs = librosa.feature.delta(log_mel.T, width=width).T
    np.testing.assert_allclose(features.delta(log_mel, width), theirs, rtol=1e-4, atol=1e-5)


def test_filters_cover_the_range_and_none_is_empty():
    for warp in (0.8, 0.9, 1.0, 1.1, 1.25):
        filters = features.mel_filterbank(FrontEnd(warp=warp))
        assert (filters.sum(axis=0) > 0).all()
    centres = [features.mel_filterbank(FrontEnd(warp=w))[:, 20].argmax() for w in (0.8, 1, 1.25)]
    assert centres[0] < centres[1] < centres[2]


def test_warp_moves_a_tone_to_where_the_unwarped_bands_hear_it():
    time = np.arange(8000) / 8000
    low, high = (np.sin(2 * np.pi * f * time).astype(np.float32) for f in (800, 1000))
    assert (
        features.log_mel(high, FrontEnd(warp=1.25)).mean(axis=0).argmax()
        == features.log_mel(low).mean(axis=0).argmax()
    )


def test_pad_or_crop():
    long, short = np.arange(10.0), np.ones(3)
    batch = features.pad_or_crop([long, short], 6)
    np.testing.assert_array_equal(batch, [[2, 3, 4, 5, 6, 7], [1, 1, 1, 0, 0, 0]])


def test_normalise():
    clip = np.random.default_rng(0).normal(3, 5, (2, 50, 40))
    normal = features.normalise(clip)
    assert abs(normal.mean(axis=1)).max() < 1e-6 and abs(normal.std(axis=1) - 1).max() < 1e-2
    assert np.isfinite(features.normalise(np.zeros((1, 50, 40)))).all()


def test_network_input_ignores_the_gain(batch):
    quiet, loud = (features.network_input(list(gain * batch[20:])) for gain in (0.3, 3))
    np.testing.assert_allclose(quiet, loud, atol=1e-3)
    assert abs(quiet.mean(axis=(1, 2))).max() < 1e-4
    assert np.isfinite(features.network_input([np.zeros(500, np.float32)])).all()


@pytest.mark.parametrize("range_db", [50.0, 65.0])
def test_networks_hear_so_far_below_the_loudest_point(range_db):
    decibels = np.array([0.0, -20, -49, -58, -64, -90])[None, :, None]  # of one band
    found = features.normalise_log_mel(10 ** (decibels / 10), FrontEnd(range_db=range_db))
    heard = np.maximum(decibels, -range_db)
    np.testing.assert_allclose(found - found.max(), heard * np.log(10) / 10 / 3, atol=1e-9)


def test_bad_input():
    with pytest.raises(ValueError, match="fewer than one frame of 256.*pad_or_crop"):
        features.log_mel(np.zeros((2, 100)))
    with pytest.raises(ValueError, match="NaN"):
        features.log_mel(np.array([0.0, np.nan] * 500))
    with pytest.raises(ValueError, match="at most 40 coefficients"):
        features.mfcc(np.zeros((10, 40)), 128)
    with pytest.raises(ValueError, match="too few"):
        features.delta(np.zeros((5, 40)))


# ---------------------------------------------------------------- the layer


@pytest.mark.parametrize("front_end", FRONT_ENDS)
def test_layer_equals_numpy(batch, front_end):
    from course_utils.layers import LogMel

    layer = np.asarray(LogMel(front_end)(batch))
    np.testing.assert_allclose(layer, features.log_mel(batch, front_end), rtol=1e-4, atol=1e-4)


def test_exported_layer_equals_numpy(batch, tmp_path):
    from course_utils.layers import LogMel

    import keras
    import onnxruntime
    from ai_edge_litert.interpreter import Interpreter

    waveform = keras.Input((8000,), batch_size=1, name="waveform")
    model = keras.Model(waveform, LogMel()(waveform))
    model(batch[:1])  # Keras exports only models that have been called
    expected = features.log_mel(batch[36:37])

    model.save(tmp_path / "front_end.keras")
    restored = keras.models.load_model(tmp_path / "front_end.keras")
    np.testing.assert_allclose(restored(batch[36:37]), expected, rtol=1e-4, atol=1e-4)

    model.export(tmp_path / "front_end.onnx", format="onnx", verbose=False)
    session = onnxruntime.InferenceSession(tmp_path / "front_end.onnx")
    (result,) = session.run(None, {session.get_inputs()[0].name: batch[36:37]})
    np.testing.assert_allclose(result, expected, rtol=1e-4, atol=1e-4)

    model.export(tmp_path / "front_end.tflite", format="litert", verbose=False)
    interpreter = Interpreter(str(tmp_path / "front_end.tflite"))
    interpreter.allocate_tensors()
    interpreter.set_tensor(interpreter.get_input_details()[0]["index"], batch[36:37])
    interpreter.invoke()
    result = interpreter.get_tensor(interpreter.get_output_details()[0]["index"])
    np.testing.assert_allclose(result, expected, rtol=1e-4, atol=1e-4)
