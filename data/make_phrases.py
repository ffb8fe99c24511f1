"""Make the phrases: digits said in one breath, and single digits, by further synthetic voices.

Needs what make_embedded_corpus.py needs, and Kokoro (data/kokoro.py). Run it in the course's
folder; it takes about twenty minutes, nearly all of them for Kokoro:

    python -m data.make_phrases
    python -m data.make_noise

It writes ``phrases/<voice>.ogg`` (all phrases of a voice, end to end) and ``phrases/index.csv``;
``neural/<voice>.ogg`` and ``neural/index.csv`` hold single digits by Kokoro's voices, as
``embedded/`` does. `ROLES` says which voices teach, which validate and which test: no network
of the course learns from a voice that tests, or was chosen with one.
"""

from __future__ import annotations

from pathlib import Path

from data import kokoro
from data.make_embedded_corpus import (
    SAMPLE_RATE,
    VOICES,
    WORDS,
    Take,
    Voice,
    finish,
    speak_espeak,
    speak_festival,
    speak_flite,
    write_table,
)

import numpy as np
import soundfile as sf

FOLDER = Path(__file__).resolve().parent
SPEEDS = {"slow": 0.8, "ordinary": 1.0, "fast": 1.3}  # relative to the voice's own
LENGTHS = {
    "train": (2, 4, 5, 7),
    "validation": (1, 2, 3, 4, 5, 7),
    "test": (1, 2, 3, 4, 5, 6, 7, 4),
}
TAKES = (0.85, 1.15)  # speeds of a single digit's takes
PEOPLE = {"rms": 3, "ked": 3}  # times as many phrases: the others that teach are made by rule
PEAK_DB = (-14.0, -3.0)
VORBIS = 0.8  # libsndfile's compression level: 0 is the best quality, 1 the smallest file
LATER = (  # further voices of espeak-ng, for this corpus alone
    Voice("andy", "espeak-ng", "en-us+Andy", "male", "US", 165, 50),
    Voice("annie", "espeak-ng", "en-us+Annie", "female", "US", 170, 50),
    Voice("alicia", "espeak-ng", "en+Alicia", "female", "British", 165, 50),
    Voice("gene", "espeak-ng", "en-gb-x-rp+Gene", "male", "RP", 160, 50),
    Voice("steph", "espeak-ng", "en-gb-scotland+steph", "female", "Scottish", 165, 50),
    Voice("hugo", "espeak-ng", "en-029+Hugo", "male", "Caribbean", 160, 50),
    Voice("mario", "espeak-ng", "en-us+Mario", "male", "US", 160, 50),
    Voice("andrea", "espeak-ng", "en-gb-x-rp+Andrea", "female", "RP", 170, 50),
    Voice("david", "espeak-ng", "en-gb-x-gbcwmd+david", "male", "West Midlands", 160, 50),
)
KOKORO = {
    "test": "af_heart am_michael bf_emma bm_george af_nova am_puck",
    "validation": "af_bella am_fenrir bf_lily bm_fable",
    # the last twelve learned another language first, and speak English with an accent
    "train": "af_alloy af_aoede af_jessica af_kore af_nicole af_river af_sarah af_sky am_adam "
    "am_echo am_eric am_liam am_onyx bf_alice bf_isabella bm_daniel bm_lewis "
    "ef_dora em_alex ff_siwis hf_alpha hm_omega if_sara im_nicola jf_alpha jm_kumo pm_alex "
    "zf_xiaobei zm_yunxi",
}
ROLES = {
    "test": ["slt", "kal", "andy", "annie", "alicia", "gene", "steph", "hugo"],
    "validation": ["awb", "mario", "andrea", "david"],
    "train": ["rms", "ked", "diego", "fiona", "klaus", "linda", "michel", "auntie", "miles",
              "frances", "angus", "flora", "edward", "gloria", "nathan"],
}  # fmt: skip


Spoken = tuple[tuple, np.ndarray]  # what is known of a clip, and its sound, int16 at 8 kHz


def seeded(voice: str) -> np.random.Generator:
    """Return the random numbers of a voice."""
    return np.random.default_rng([len(voice), *voice.encode(), 7])


def say(voice: Voice, texts: list[str], rates: list[float]) -> list[tuple[np.ndarray, int]]:
    """Say texts with espeak-ng, flite or festival: their sound and its sample rate."""
    takes = [Take(voice, text, 0, rate, 0.0, 0.0) for text, rate in zip(texts, rates, strict=True)]
    if voice.engine == "festival":
        return speak_festival(takes)
    return [(speak_flite if voice.engine == "flite" else speak_espeak)(take) for take in takes]


def phrases_of(voice: Voice | str, role: str) -> list[Spoken]:
    """Phrases of 1 to 7 random digits by one voice; a Kokoro voice is given by its name."""
    name = voice if isinstance(voice, str) else voice.name
    rng, plans = seeded(name), []
    for speed, factor in SPEEDS.items():
        for n_words in LENGTHS[role] * PEOPLE.get(name, 1):
            digits = rng.integers(0, 10, n_words)
            joint = ", " if rng.random() < 0.3 else " "  # a comma: the voice may take its time
            plans.append((speed, digits, joint, float(factor * rng.uniform(0.95, 1.05))))
    if isinstance(voice, str):
        words = kokoro.digit_phonemes(voice)
        sounds = [
            (
                kokoro.speak(joint.join(words[d] for d in digits) + ".", voice, rate),
                kokoro.SAMPLE_RATE,
            )
            for _, digits, joint, rate in plans
        ]
    else:
        texts = [joint.join(WORDS[d] for d in digits) for _, digits, joint, _ in plans]
        sounds = say(voice, texts, [rate for *_, rate in plans])
    found, engine = [], "kokoro" if isinstance(voice, str) else voice.engine
    for take, ((speed, digits, _, rate), sound) in enumerate(zip(plans, sounds, strict=True)):
        about = "".join(map(str, digits)), take, engine, role, speed, round(rate, 3)
        found.append((about, finish(*sound, rng.uniform(*PEAK_DB))))
    return found


def digits_of(voice: str) -> list[Spoken]:
    """Single digits by a voice of Kokoro: each twice, one time slower, one time faster."""
    rng, words, found = seeded(voice), kokoro.digit_phonemes(voice), []
    for take, factor in enumerate(TAKES):
        for digit in rng.permutation(10):
            rate = float(factor * rng.uniform(0.92, 1.08))
            found.append(
                (int(digit), take, round(rate, 3), kokoro.speak(words[digit] + ".", voice, rate))
            )
    return [
        ((digit, take, rate), finish(sound, kokoro.SAMPLE_RATE, rng.uniform(*PEAK_DB)))
        for digit, take, rate, sound in sorted(found, key=lambda each: each[:2])
    ]


def write(
    folder: Path, voices: dict[str, list[Spoken]], header: tuple[str, ...], vorbis: float = VORBIS
) -> None:
    """Write the sound of each voice, end to end, and the table that tells it apart."""
    folder.mkdir(exist_ok=True)
    for old in folder.glob("*"):
        old.unlink()
    rows = []
    for voice, spoken in voices.items():
        start = 0
        for about, sound in spoken:
            rows.append((voice, *about[:2], start, len(sound), *about[2:]))
            start += len(sound)
        whole, path = np.concatenate([sound for _, sound in spoken]), folder / f"{voice}.ogg"
        sf.write(path, whole, SAMPLE_RATE, subtype="VORBIS", compression_level=vorbis)
        if sf.info(path).frames != len(whole):
            raise SystemExit(f"{path.name}: another length than what was written")
    write_table(folder / "index.csv", ("voice", *header), rows)
    print(f"{folder.name}: {len(rows)} clips of {len(voices)} voices")


def main() -> None:
    """Speak, finish and store every voice."""
    known = {voice.name: voice for voice in (*VOICES, *LATER)}
    phrases = {}
    for role, names in ROLES.items():
        for name in (*names, *KOKORO[role].split()):
            phrases[name] = phrases_of(known.get(name, name), role)
            print(name, flush=True)
    where = ("start_sample", "n_samples")
    write(
        FOLDER / "phrases", phrases, ("digits", "take", *where, "engine", "role", "speed", "rate")
    )
    digits = {name: digits_of(name) for name in KOKORO["train"].split()}
    write(FOLDER / "neural", digits, ("digit", "take", *where, "rate"))


if __name__ == "__main__":
    main()
