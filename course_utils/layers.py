"""The front end as a Keras layer, so that a model takes a waveform (chapters 03 and 12)."""

import dataclasses

import course_utils.setup.quiet_tensorflow  # noqa: F401  (before keras)
from course_utils.features import COURSE_FRONT_END, FrontEnd, mel_filterbank

import keras
import numpy as np
import scipy.signal
from keras import ops

__all__ = ["LogMel"]


@keras.saving.register_keras_serializable("course_utils")
class LogMel(keras.layers.Layer):
    """`features.log_mel` as a layer: (clips, samples) to (clips, frames, bands).

    The discrete Fourier transform is a convolution with fixed kernels, window · cosine and
    window · sine, moved by `hop_length`: it exports to ONNX and LiteRT, where an FFT does not
    (chapter 12). `keras.layers.STFTSpectrogram` is the same with kernels whose phases are
    rounded: its log-mel energies are off by 0.01, these by 0.0001, as float32 is.
    """

    def __init__(self, front_end: FrontEnd | dict = COURSE_FRONT_END, **kwargs):
        kwargs.setdefault("trainable", False)
        super().__init__(**kwargs)
        self.front_end = FrontEnd(**front_end) if isinstance(front_end, dict) else front_end

    def build(self, input_shape):
        length, n_bins = self.front_end.frame_length, self.front_end.n_bins
        angle = 2 * np.pi * np.outer(np.arange(length), np.arange(n_bins)) / length
        window = scipy.signal.get_window("hann", length)[:, None]
        self.dft = self.fixed("dft", np.hstack([window * np.cos(angle), window * np.sin(angle)]))
        self.filters = self.fixed("mel_filters", mel_filterbank(self.front_end))

    def fixed(self, name: str, values: np.ndarray):
        """Add numbers that are saved with the model and never trained."""
        weight = self.add_weight(name=name, shape=values.shape, trainable=False)
        weight.assign(values)
        return weight

    def call(self, waveform):
        kernels = self.dft[:, None]  # (frame_length, 1 channel, 2 · bins)
        spectrum = ops.conv(waveform[..., None], kernels, strides=self.front_end.hop_length)
        real, imaginary = ops.split(spectrum, 2, axis=-1)
        mel = ops.matmul(ops.square(real) + ops.square(imaginary), self.filters)
        return ops.log(ops.maximum(mel, self.front_end.floor))

    def get_config(self):
        return {**super().get_config(), "front_end": dataclasses.asdict(self.front_end)}
