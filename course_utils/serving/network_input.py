"""`features.network_input` as a layer that exports and needs few numbers (chapter 12)."""

from __future__ import annotations

import dataclasses
import math

import course_utils.setup.quiet_tensorflow  # noqa: F401  (before keras)
from course_utils.features import (
    COURSE_FRONT_END,
    FEATURE_SCALE,
    NETWORK_FRAMES,
    FrontEnd,
    mel_filterbank,
    network_samples,
)

import keras
import numpy as np
import scipy.signal
from keras import ops

__all__ = ["NetworkInput"]


def n_rows(length: int) -> int:
    """Return how many rows a frame is written in: the divisor nearest to the root, from below."""
    return max(rows for rows in range(1, math.isqrt(length) + 1) if length % rows == 0)


@keras.saving.register_keras_serializable("course_utils")
class NetworkInput(keras.layers.Layer):
    """`features.network_input` as a layer: (clips, samples) to (clips, frames, bands).

    Clips of one call are equally long, of any length. The Fourier transform of a frame is
    done in two short ones, rows and then columns (Cooley and Tukey 1965), as matrix products:
    all of it exports, and for 256 samples it needs a fifth of the numbers of `LogMel`. A frame
    whose length is a prime number is one row, and needs as many numbers as `LogMel`.
    """

    def __init__(self, front_end: FrontEnd | dict = COURSE_FRONT_END, **kwargs):
        kwargs.setdefault("trainable", False)
        super().__init__(**kwargs)
        self.front_end = FrontEnd(**front_end) if isinstance(front_end, dict) else front_end

    def call(self, waveform):
        hop, length = self.front_end.hop_length, self.front_end.frame_length
        waveform, inside = self.centre(waveform)
        overlap = -(-length // hop)  # a frame is so many pieces of one hop, the last one shorter
        n_clips = ops.shape(waveform)[0]
        pieces = ops.reshape(waveform, (n_clips, NETWORK_FRAMES + overlap - 1, hop))
        frames = ops.concatenate(
            [
                pieces[:, i : i + NETWORK_FRAMES, : min(hop, length - i * hop)]
                for i in range(overlap)
            ],
            axis=-1,
        )
        mel = self.mel(self.power(frames)) * inside[:, None]
        floor = ops.max(mel, axis=(1, 2), keepdims=True) * 10 ** (-self.front_end.range_db / 10)
        level = ops.log(ops.maximum(mel, ops.maximum(floor, 1e-20)))
        return (level - ops.mean(level, axis=1, keepdims=True)) / FEATURE_SCALE

    def centre(self, waveform):
        """Put clips in the middle of a second of zeros; which frames are speech (frames,)."""
        hop, length = self.front_end.hop_length, self.front_end.frame_length
        longest = network_samples(self.front_end)
        n_samples = ops.convert_to_tensor(ops.shape(waveform)[1], "int32")
        first = ops.maximum(0, (n_samples - longest) // 2)
        waveform = waveform[:, first : first + longest]
        n_frames = ops.clip((n_samples - length) // hop + 1, 1, NETWORK_FRAMES)
        start = ops.cast(ops.round(0.5 * ops.cast(NETWORK_FRAMES - n_frames, "float32")), "int32")
        before = hop * start
        whole = hop * (NETWORK_FRAMES + -(-length // hop) - 1)
        waveform = ops.pad(waveform, ((0, 0), (before, whole - before - ops.shape(waveform)[1])))
        frame = ops.arange(NETWORK_FRAMES)
        inside = (frame >= start) & (frame < start + n_frames)
        return waveform, ops.cast(inside, "float32")

    def power(self, frames):
        """|DFT(window · frame)|²: (clips, frames, length) to (clips, frames, bins)."""
        length = self.front_end.frame_length
        rows = n_rows(length)
        columns, half = length // rows, length // rows // 2 + 1
        window = scipy.signal.get_window("hann", length).astype(np.float32)

        def angles(a: int, b: int, period: int) -> tuple[np.ndarray, np.ndarray]:
            angle = 2 * np.pi * np.outer(np.arange(a), np.arange(b)) / period
            return np.cos(angle).astype(np.float32), np.sin(angle).astype(np.float32)

        n_clips = ops.shape(frames)[0]
        grid = ops.reshape(frames * window, (n_clips, NETWORK_FRAMES, rows, columns))
        cos, sin = angles(rows, rows, rows)
        spectrum = ops.matmul(ops.transpose(grid, (0, 1, 3, 2)), np.hstack([cos, -sin]))
        real, imaginary = spectrum[..., :rows], spectrum[..., rows:]  # (…, columns, rows)
        cos, sin = angles(columns, rows, length)  # the turn between the two transforms
        turned = ops.concatenate(
            [real * cos + imaginary * sin, imaginary * cos - real * sin], axis=2
        )
        cos, sin = angles(columns, half, columns)
        spectrum = ops.matmul(
            ops.transpose(turned, (0, 1, 3, 2)), np.block([[cos, -sin], [sin, cos]])
        )
        power = ops.square(spectrum[..., :half]) + ops.square(spectrum[..., half:])
        power = ops.reshape(
            ops.transpose(power, (0, 1, 3, 2)), (n_clips, NETWORK_FRAMES, half * rows)
        )
        return power[..., : self.front_end.n_bins]

    def mel(self, power, n_blocks: int = 5):
        """Mel energies. A low bin never reaches a high band: so block by block, without zeros."""
        filters, total = mel_filterbank(self.front_end), 0
        for bins in np.array_split(np.arange(len(filters)), n_blocks):
            bands = np.flatnonzero(filters[bins].any(axis=0))
            if len(bands) == 0:  # below fmin, or above fmax
                continue
            block = filters[bins][:, bands[0] : bands[-1] + 1]
            energy = ops.matmul(power[..., bins[0] : bins[-1] + 1], block)
            rest = (int(bands[0]), filters.shape[1] - int(bands[-1]) - 1)
            total += ops.pad(energy, ((0, 0), (0, 0), rest))
        return total

    def compute_output_shape(self, input_shape):
        return input_shape[0], NETWORK_FRAMES, self.front_end.n_mels

    def get_config(self):
        return {**super().get_config(), "front_end": dataclasses.asdict(self.front_end)}
