"""Read, write, measure, mix and play sound (chapter 01)."""

from __future__ import annotations

import base64
import html
import io
import os
from collections.abc import Mapping
from pathlib import Path

from course_utils.corpora import SAMPLE_RATE
from course_utils.files import written_whole

import numpy as np
import soundfile
import soxr

__all__ = [
    "AudioError", "Players", "decibels", "load_audio", "mix_at_snr", "play", "rms",
    "save_audio", "to_course_format", "trim_silence",
]  # fmt: skip

SHORTEST_SECONDS = 0.032  # one frame of the course's front end
SILENCE_DB = -80.0  # below this peak a file holds nothing to hear


class AudioError(ValueError):
    """A sound cannot be used; the message names the file, the reason and the remedy."""


def load_audio(path: str | os.PathLike, sample_rate: int = SAMPLE_RATE) -> np.ndarray:
    """Read a sound file and turn it into what the course uses (chapter 01).

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


# ---------------------------------------------------------------- levels and mixing


def rms(waveform: np.ndarray) -> float:
    """Root of the mean square of a waveform (samples,), linear, 1 = full scale."""
    return float(np.sqrt(np.mean(np.square(waveform, dtype=np.float64))))


def decibels(amplitude: np.ndarray | float) -> np.ndarray | float:
    """Amplitude to decibels of full scale: 20 log10, not below -120 dB."""
    return 20 * np.log10(np.maximum(amplitude, 1e-6))


def mix_at_snr(
    clean: np.ndarray, noise: np.ndarray, snr_db: float, rng: np.random.Generator
) -> np.ndarray:
    """Add noise so that the signal-to-noise ratio is `snr_db` (chapter 01).

    Parameters
    ----------
    clean : (samples,)
    noise : (any length,); a random piece of it is taken, repeated if it is too short
    snr_db : 20 log10(rms(clean) / rms(noise)) of the result, in dB
    rng : where the piece starts is drawn from it

    Returns
    -------
    (samples,) float32, not limited to [-1, 1]: the noise level is exact
    """
    if rms(clean) == 0 or rms(noise) == 0:
        raise AudioError("mix_at_snr: a silent signal or noise has no signal-to-noise ratio.")
    start = rng.integers(len(noise))
    piece = np.resize(np.roll(noise, -start), len(clean))
    gain = rms(clean) / rms(piece) * 10 ** (-snr_db / 20)
    return (clean + gain * piece).astype(np.float32)


def trim_silence(waveform: np.ndarray, sample_rate: int, top_db: float = 30.0) -> np.ndarray:
    """Cut leading and trailing parts more than `top_db` below the loudest frame (chapter 01).

    Frames of 32 ms every 8 ms; the same rule as `librosa.effects.trim`.
    """
    frame_length, hop_length = int(0.032 * sample_rate), int(0.008 * sample_rate)
    padded = np.pad(waveform, frame_length // 2)
    frames = np.lib.stride_tricks.sliding_window_view(padded, frame_length)[::hop_length]
    level = decibels(np.sqrt(np.mean(np.square(frames), axis=1)))
    loud = np.flatnonzero(level > level.max() - top_db)
    return waveform[loud[0] * hop_length : min(len(waveform), (loud[-1] + 1) * hop_length)]


# ---------------------------------------------------------------- players


class Players:
    """Sound players with a visible label each; JupyterLab shows it, nbval compares its text."""

    def __init__(self, page: str, text: str):
        self.page, self.text = page, text

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict[str, str]:
        return {"text/html": self.page, "text/plain": self.text}


def play(
    sounds: np.ndarray | Mapping[str, np.ndarray], sample_rate: int, label: str = "Sound"
) -> Players:
    """Return players for one waveform, or for several side by side (chapter 00).

    Levels are kept: nothing is normalised, samples beyond ±1 are clipped.

    Parameters
    ----------
    sounds : a waveform (samples,), or a dict that maps a label to one
    sample_rate : Hz
    label : names the player, or the row of players; screen readers say it
    """
    named = sounds if isinstance(sounds, Mapping) else {label: sounds}
    cells = "".join(_player(name, sound, sample_rate) for name, sound in named.items())
    page = (
        f'<div role="group" aria-label="{html.escape(label)}" '
        f'style="display:flex;flex-wrap:wrap;gap:1em">{cells}</div>'
    )
    lengths = [f"{name} ({len(sound) / sample_rate:.2f} s)" for name, sound in named.items()]
    return Players(page, "Players: " + ", ".join(lengths))


def _player(name: str, sound: np.ndarray, sample_rate: int) -> str:
    file = io.BytesIO()
    soundfile.write(file, np.clip(sound, -1, 1), sample_rate, format="WAV", subtype="PCM_16")
    data = base64.b64encode(file.getvalue()).decode()
    name = html.escape(name)
    return (
        f'<figure style="margin:0"><figcaption>{name}</figcaption>'
        f'<audio controls preload="auto" aria-label="{name}" '
        f'src="data:audio/wav;base64,{data}"></audio></figure>'
    )
