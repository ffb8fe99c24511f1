"""The front end as a Keras layer, so that a model takes a waveform (chapter 02)."""

from __future__ import annotations

import dataclasses

import course_utils.start_tensorflow  # noqa: F401  (before keras)
from course_utils.features import COURSE_FRONT_END, FrontEnd, mel_filterbank

import keras
import numpy as np
import scipy.signal
from keras import ops


@keras.saving.register_keras_serializable("course_utils")
class LogMel(keras.layers.Layer):
    """`features.log_mel` as a layer: (clips, samples) to (clips, frames, bands).

    The discrete Fourier transform is a convolution with fixed kernels, window · cosine and
    window · sine, moved by `hop_length`: it exports to ONNX and LiteRT, which an FFT
    operation does not (chapter 11).
    """

    def __init__(self, front_end: FrontEnd | dict = COURSE_FRONT_END, **kwargs):
        kwargs.setdefault("trainable", False)
        super().__init__(**kwargs)
        self.front_end = FrontEnd(**front_end) if isinstance(front_end, dict) else front_end

    def build(self, input_shape):
        front_end = self.front_end
        time = np.arange(front_end.frame_length)
        angle = 2 * np.pi * np.outer(time, np.arange(front_end.n_bins)) / front_end.frame_length
        window = scipy.signal.get_window("hann", front_end.frame_length)[:, None]
        kernel = np.concatenate([window * np.cos(angle), window * np.sin(angle)], axis=1)
        self.dft = self.add_weight(
            name="dft",
            shape=(front_end.frame_length, 1, 2 * front_end.n_bins),
            initializer=lambda shape, dtype: ops.convert_to_tensor(kernel[:, None], dtype),
            trainable=False,
        )
        self.filters = self.add_weight(
            name="mel_filters",
            shape=(front_end.n_bins, front_end.n_mels),
            initializer=lambda shape, dtype: ops.convert_to_tensor(
                mel_filterbank(front_end), dtype
            ),
            trainable=False,
        )

    def call(self, waveform):
        spectrum = ops.conv(waveform[..., None], self.dft, strides=self.front_end.hop_length)
        real, imaginary = ops.split(spectrum, 2, axis=-1)
        mel = ops.matmul(ops.square(real) + ops.square(imaginary), self.filters)
        return ops.log(ops.maximum(mel, self.front_end.floor))

    def get_config(self):
        return {**super().get_config(), "front_end": dataclasses.asdict(self.front_end)}
