"""`LogMel`, the front end as a layer: equal to `log_mel`, in Keras and in exported files."""

from course_utils.connected_digits import STREAM_FRONT_END
from course_utils.features import COURSE_FRONT_END, FrontEnd, log_mel
from course_utils.layers import LogMel
from course_utils.serving.export import export_model
from course_utils.serving.runtimes import load

import keras
import numpy as np
import pytest

FRONT_ENDS = {
    "course": COURSE_FRONT_END,
    "stream": STREAM_FRONT_END,
    "25 ms at 16 kHz": FrontEnd(
        16_000, frame_length=400, hop_length=160, n_mels=64, fmax=8000.0, floor=1e-3
    ),
}
NEAR = {"atol": 1e-4, "rtol": 1e-5}  # single precision: log_mel itself is no nearer to the truth


@pytest.mark.parametrize("front_end", FRONT_ENDS.values(), ids=FRONT_ENDS)
def test_layer_equals_numpy(front_end, embedded):
    layer = LogMel.from_config(LogMel(front_end).get_config())
    for clip in embedded.waveforms[::60]:
        (found,) = keras.ops.convert_to_numpy(layer(clip[None]))
        np.testing.assert_allclose(found, log_mel(clip, front_end), **NEAR)
    assert layer.trainable_weights == []


@pytest.mark.slow
@pytest.mark.parametrize("front_end", FRONT_ENDS.values(), ids=FRONT_ENDS)
@pytest.mark.parametrize("name", ["front_end.keras", "front_end.onnx", "front_end.tflite"])
def test_file_equals_numpy(name, front_end, embedded, tmp_path):
    waveform = keras.Input((4000,), batch_size=1, name="waveform")
    model = keras.Model(waveform, LogMel(front_end)(waveform))
    path = tmp_path / name
    export_model(model, path, [np.resize(embedded.waveforms[0], 4000)])
    run = load(path)
    for clip in embedded.waveforms[::200]:
        clip = np.resize(clip, 4000)
        np.testing.assert_allclose(run(clip[None])[0], log_mel(clip, front_end), **NEAR)
