"""Measure, mix, trim and play sound (chapters 01 and 02)."""

import base64
import html
import io
from collections.abc import Mapping

import numpy as np
import soundfile

__all__ = ["AudioError", "Players", "decibels", "mix_at_snr", "play", "rms", "trim_silence"]


class AudioError(ValueError):
    """A sound cannot be used; the message names the file, the reason and the remedy."""


def rms(waveform: np.ndarray) -> float:
    """Root of the mean square of a waveform (samples,), linear, 1 = full scale."""
    return float(np.sqrt(np.mean(np.square(waveform, dtype=np.float64))))


def decibels(amplitude: np.ndarray | float) -> np.ndarray:
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
    """Cut leading and trailing parts more than `top_db` below the loudest frame (chapter 02).

    Frames of 32 ms every 8 ms; the same rule as `librosa.effects.trim`.
    """
    frame_length, hop_length = int(0.032 * sample_rate), int(0.008 * sample_rate)
    padded = np.pad(waveform, frame_length // 2)
    frames = np.lib.stride_tricks.sliding_window_view(padded, frame_length)[::hop_length]
    level = decibels(np.sqrt(np.mean(np.square(frames), axis=1)))
    loud = np.flatnonzero(level > level.max() - top_db)
    return waveform[loud[0] * hop_length : min(len(waveform), (loud[-1] + 1) * hop_length)]


class Players:
    """Sound players with a visible label each; JupyterLab shows it, nbval compares its text."""

    def __init__(self, page: str, text: str):
        self.page, self.text = page, text

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict[str, str]:
        return {"text/html": self.page, "text/plain": self.text}


def play(
    sounds: np.ndarray | Mapping[str, np.ndarray], sample_rate: int, label: str = "Sound"
) -> Players:
    """Return players for one waveform, or for several side by side, levels kept (chapter 00).

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
        f'<audio controls preload="none" aria-label="{name}" '
        f'src="data:audio/wav;base64,{data}"></audio></figure>'
    )
