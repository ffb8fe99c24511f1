"""The front end as a layer for models that leave the notebook: equal to `network_input`."""

from course_utils.features import FrontEnd, network_input
from course_utils.serving.network_input import NetworkInput

import keras
import numpy as np
import pytest

FRONT_ENDS = {
    "other settings": FrontEnd(frame_length=512, hop_length=100, n_mels=30, range_db=65.0),
    "no power of two": FrontEnd(frame_length=200),
    "a prime number of samples": FrontEnd(frame_length=251),
    "25 ms at 16 kHz": FrontEnd(16_000, frame_length=400, hop_length=160, n_mels=80, fmax=8000.0),
    "bands in the middle": FrontEnd(n_mels=12, fmin=1000.0, fmax=2000.0),
    "frames apart": FrontEnd(frame_length=200, hop_length=240),
    "a longer vocal tract": FrontEnd(warp=1.1),
}


@pytest.mark.parametrize("n_samples", [10, 255, 256, 335, 336, 417, 2384, 8015, 8016, 8017, 20001])
def test_front_end_is_that_of_training(n_samples):
    rng = np.random.default_rng(n_samples)
    clips = rng.normal(0, 0.1, (2, n_samples)).astype(np.float32)
    found = keras.ops.convert_to_numpy(NetworkInput()(clips))
    np.testing.assert_allclose(found, network_input(clips), atol=1e-4)


def test_speech_and_silence(clips):
    for clip in clips:
        found = keras.ops.convert_to_numpy(NetworkInput()(clip[None]))
        np.testing.assert_allclose(found, network_input([clip]), atol=1e-4)
    assert not np.any(NetworkInput()(np.zeros((1, 3000), np.float32)))


@pytest.mark.parametrize("front_end", FRONT_ENDS.values(), ids=FRONT_ENDS)
def test_every_front_end(front_end, clips):
    layer = NetworkInput.from_config(NetworkInput(front_end).get_config())
    for clip in (clips[0][:150], clips[2], clips[-1]):
        found = keras.ops.convert_to_numpy(layer(clip[None]))
        np.testing.assert_allclose(found, network_input([clip], front_end), atol=1e-4)
