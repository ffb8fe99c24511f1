"""From a recording as people bring it to what the course uses; and back into a file."""

from __future__ import annotations

import os
from pathlib import Path

from course_utils.audio import AudioError, decibels
from course_utils.corpora import SAMPLE_RATE
from course_utils.files import written_whole

import numpy as np
import soundfile
import soxr

__all__ = ["load_audio", "save_audio", "to_course_format"]

SHORTEST_SECONDS = 0.032  # one frame of the course's front end
SILENCE_DB = -80.0  # below this peak a file holds nothing to hear


def load_audio(path: str | os.PathLike, sample_rate: int = SAMPLE_RATE) -> np.ndarray:
    """Read a sound file and turn it into what the course uses (chapter 00).

    Any format that libsndfile reads (WAV, FLAC, OGG, MP3, …), any rate, any width, any
    number of channels: channels are averaged, the rate is changed with a band limit.

    Returns
    -------
    (samples,) float32 in [-1, 1], mono, at `sample_rate` Hz

    Raises
    ------
    AudioError
        No such file, not a sound file, empty, shorter than a frame (32 ms), NaN or
        infinite samples, or silence.
    """
    path = Path(path)
    if not path.is_file():
        raise AudioError(f"{path.name}: there is no such file in {path.resolve().parent}.")
    if path.stat().st_size == 0:
        raise AudioError(f"{path.name} is empty (0 bytes): record or copy it again.")
    try:
        samples, file_rate = soundfile.read(path, dtype="float32", always_2d=True)
    except soundfile.LibsndfileError as error:
        raise AudioError(
            f"{path.name} is not a sound file that can be read ({error.error_string}) "
            "Its name may be wrong: save it as WAV or FLAC."
        ) from error
    return to_course_format(samples, file_rate, sample_rate, name=path.name)


def to_course_format(
    samples: np.ndarray, file_rate: int, sample_rate: int = SAMPLE_RATE, name: str = "The clip"
) -> np.ndarray:
    """Check samples (samples,) or (samples, channels) and make them mono at `sample_rate`.

    `load_audio` and the microphone recorder share it. Raises `AudioError` as `load_audio`.
    """
    samples = np.asarray(samples, dtype=np.float32)
    if not np.isfinite(samples).all():
        bad = int((~np.isfinite(samples)).sum())
        raise AudioError(f"{name} has {bad} samples that are NaN or infinite: export it again.")
    seconds = len(samples) / file_rate
    if seconds < SHORTEST_SECONDS:
        raise AudioError(
            f"{name} is {1000 * seconds:.0f} ms long, shorter than one frame "
            f"({1000 * SHORTEST_SECONDS:.0f} ms): record a whole word."
        )
    loudest = np.abs(samples).max()
    if samples.ndim == 2:
        samples = samples.mean(axis=1)
    peak = np.abs(samples).max()
    if decibels(loudest) < SILENCE_DB:
        raise AudioError(f"{name} holds only silence: check the microphone and record again.")
    if decibels(peak) < SILENCE_DB:
        raise AudioError(f"{name}: its channels cancel each other; keep one of them.")
    if file_rate != sample_rate:
        samples = soxr.resample(samples, file_rate, sample_rate)
    return np.clip(samples, -1, 1)


def save_audio(path: str | os.PathLike, waveform: np.ndarray, sample_rate: int) -> None:
    """Write a waveform (samples,) in [-1, 1] as 16 bits; the ending chooses the format.

    The file appears whole or not at all. Raises `AudioError` for NaN or samples beyond ±1.
    """
    path = Path(path)
    peak = np.abs(waveform).max(initial=0)
    if not peak <= 1:
        raise AudioError(f"{path.name}: samples must be numbers in [-1, 1]; the peak is {peak}.")
    with written_whole(path) as unfinished:
        soundfile.write(unfinished, waveform, sample_rate, subtype="PCM_16")
