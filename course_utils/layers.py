"""The front end as a Keras layer, so that a model takes a waveform (chapters 03 and 12)."""

import dataclasses

import course_utils.setup.quiet_tensorflow  # noqa: F401  (before keras)
from course_utils.features import COURSE_FRONT_END, FrontEnd, mel_filterbank

import keras
from keras import ops

__all__ = ["LogMel"]


@keras.saving.register_keras_serializable("course_utils")
class LogMel(keras.layers.Layer):
    """`features.log_mel` as a layer: (clips, samples) to (clips, frames, bands).

    Keras does the discrete Fourier transform as a convolution with fixed kernels, which
    exports to ONNX and LiteRT, where an FFT does not (chapter 12).
    """

    def __init__(self, front_end: FrontEnd | dict = COURSE_FRONT_END, **kwargs):
        kwargs.setdefault("trainable", False)
        super().__init__(**kwargs)
        self.front_end = FrontEnd(**front_end) if isinstance(front_end, dict) else front_end
        self.magnitude = keras.layers.STFTSpectrogram(
            mode="magnitude",
            frame_length=self.front_end.frame_length,
            frame_step=self.front_end.hop_length,
            fft_length=self.front_end.frame_length,
            periodic=True,
            scaling=None,
            trainable=False,
        )

    def build(self, input_shape):
        self.magnitude.build((*input_shape, 1))
        filters = mel_filterbank(self.front_end)
        self.filters = self.add_weight(name="mel_filters", shape=filters.shape, trainable=False)
        self.filters.assign(filters)

    def call(self, waveform):
        power = ops.square(self.magnitude(waveform[..., None]))
        mel = ops.matmul(power, self.filters)
        return ops.log(ops.maximum(mel, self.front_end.floor))

    def get_config(self):
        return {**super().get_config(), "front_end": dataclasses.asdict(self.front_end)}
