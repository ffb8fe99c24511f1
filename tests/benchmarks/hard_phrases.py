"""What the recogniser that is deployed makes of phrases as people really say them.

The phrases that test, at ordinary speed: as they are; with a cough (a burst of noise) or a
hesitation (a vowel of 0.4 s) at a random place; and, of the fast ones, squeezed to 1 / 1.5 of
their length, which is faster than anybody speaks. Then words that are no digits, by voices that
have taught it nothing: how many digits it reads for each of them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from course_utils import corpora, ctc, metrics, models
from course_utils.connected_digits import greedy_decode
from course_utils.serving.phrases import Phrases, load_phrases, quiet_around
from data.recipes import recordings, stored_network

import librosa
import numpy as np
from scipy.signal import lfilter

MODEL = "connected_digit_network"
SQUEEZED = 1.5
SECONDS = {"cough": 0.2, "hesitation": 0.4}
STRANGERS = ("kal", "slt", "awb")  # they say words, and teach neither digits nor phrases
Change = Callable[[np.ndarray, np.random.Generator], np.ndarray]


def setup() -> Any:
    """What the numbers depend on."""
    return stored_network(MODEL), recordings(["phrases", "words"]), SQUEEZED, SECONDS, STRANGERS


def cough(rng: np.random.Generator) -> np.ndarray:
    """A burst of noise that fades, (samples,) at 8 kHz, root mean square 1."""
    noise = rng.standard_normal(int(8000 * SECONDS["cough"]))
    return unit(lfilter([1], [1, -0.6], noise) * np.exp(-np.linspace(0, 4, len(noise))))


def hesitation(rng: np.random.Generator) -> np.ndarray:
    """ "Er": pulses of 110 to 200 Hz through two formants, root mean square 1."""
    pulses = np.zeros(int(8000 * SECONDS["hesitation"]))
    pulses[:: int(8000 / rng.uniform(110, 200))] = 1
    for hertz, width in ((550, 80), (1350, 120)):
        radius, angle = np.exp(-np.pi * width / 8000), 2 * np.pi * hertz / 8000
        pulses = lfilter([1], [1, -2 * radius * np.cos(angle), radius**2], pulses)
    return unit(pulses * np.hanning(len(pulses)))


def unit(sound: np.ndarray) -> np.ndarray:
    """The sound with a root mean square of 1."""
    return sound / np.sqrt(np.mean(sound**2))


def after_a_word(make: Callable[[np.random.Generator], np.ndarray]) -> Change:
    """Put a sound, as loud as the phrase, where the phrase is quietest in its middle."""

    def change(waveform: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        level = np.sqrt(np.convolve(waveform**2, np.ones(240) / 240, "same"))
        inner = slice(len(waveform) // 4, 3 * len(waveform) // 4)
        place = inner.start + int(level[inner].argmin())
        sound = np.float32(np.sqrt(np.mean(waveform**2)) * make(rng))
        return np.concatenate([waveform[:place], sound, waveform[place:]])

    return change


def squeeze(waveform: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Shorten a phrase and keep its pitch."""
    return librosa.effects.time_stretch(waveform, rate=SQUEEZED, n_fft=256)


CHANGES: dict[str, tuple[str, Change]] = {
    "as they are": ("ordinary", lambda waveform, rng: waveform),
    "with a cough": ("ordinary", after_a_word(cough)),
    "with a hesitation": ("ordinary", after_a_word(hesitation)),
    "squeezed": ("fast", squeeze),
}


def read(waveforms: list[np.ndarray]) -> list[np.ndarray]:
    """Read sounds, with quiet around each."""
    tables = ctc.log_posteriors(models.load_trained(MODEL), quiet_around(waveforms))
    return [greedy_decode(table) for table in tables]


def errors_of(phrases: Phrases, change: Change) -> metrics.Proportion:
    """Word error rate of changed phrases; its interval draws the voices again."""
    rng = np.random.default_rng(0)
    found = read([change(waveform, rng) for waveform in phrases.waveforms])
    errors, words = metrics.edits(phrases.targets, found)
    of = [phrases.voices == voice for voice in np.unique(phrases.voices)]
    sums = [np.array([counted[mask].sum() for mask in of]) for counted in (errors, words)]
    return metrics.Proportion(errors.sum() / words.sum(), *metrics.bootstrap_interval(*sums))


def measure() -> list[dict[str, Any]]:
    """Read all of them, and make a row of each."""
    phrases, found = load_phrases("test"), {}
    for name, (speed, change) in CHANGES.items():
        found["wer, " + name] = errors_of(phrases.select(phrases.speeds == speed), change)
    words = corpora.load_words()
    words = words.select(np.isin(words.speakers, STRANGERS))
    n_digits = np.array([len(said) for said in read(list(words.waveforms))])
    of = [words.speakers == voice for voice in STRANGERS]
    sums = np.array([n_digits[mask].sum() for mask in of]), np.array([mask.sum() for mask in of])
    found["digits read for a word that is none"] = metrics.Proportion(
        n_digits.mean(), *metrics.bootstrap_interval(*sums)
    )
    rows = []
    for metric, ends in found.items():
        value, low, high = (round(float(end), 5) for end in ends)
        counted = metric.startswith("digits")
        corpus, unit_of = ("words", None) if counted else ("phrases", "fraction")
        rows.append(
            {
                **{"model": MODEL, "metric": metric, "value": value, "unit": unit_of},
                **{"low": low, "high": high, "corpus": corpus, "split": "test voices"},
            }
        )
    return rows
