"""Sounds that people bring: noises, hum, clicks."""

from __future__ import annotations

import numpy as np

RATE = 8000


def noise(rng, db: float, exponent: float = 0.0, n: int = 12800) -> np.ndarray:
    """Noise whose power falls with frequency to the power of `exponent`, `db` below full scale."""
    spectrum = np.fft.rfft(rng.normal(size=n))
    spectrum[1:] /= np.arange(1, len(spectrum)) ** (exponent / 2)
    wave = np.fft.irfft(spectrum, n)
    return wave / wave.std() * 10 ** (db / 20)


def hum(rng) -> np.ndarray:
    time = np.arange(12800) / RATE
    parts = (np.sin(2 * np.pi * 50 * k * time + rng.uniform(0, 6)) / k for k in (1, 2, 3, 5))
    return 10 ** (rng.uniform(-50, -20) / 20) * sum(parts) + noise(rng, -65)


def click(rng) -> np.ndarray:
    samples, start, n = noise(rng, -60), rng.integers(2000, 10000), rng.integers(1, 80)
    samples[start : start + n] += rng.uniform(-0.8, 0.8) * np.exp(-np.arange(n) / 20)
    return samples


NO_WORD = {
    "white noise": lambda rng: noise(rng, rng.uniform(-60, -25)),
    "noise of a room": lambda rng: noise(rng, rng.uniform(-60, -25), exponent=1),
    "rumble": lambda rng: noise(rng, rng.uniform(-60, -25), exponent=2),
    "muted": lambda rng: noise(rng, -90) + 0.01,
    "hum": hum,
    "click": click,
}
