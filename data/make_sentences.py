"""Make the sentences: commands said in one breath by synthetic voices, to learn from and to test.

Needs what make_embedded_corpus.py needs, and Kokoro (data/kokoro.py). Run it in the course's
folder; it takes about a quarter of an hour, nearly all of it for Kokoro:

    python -m data.make_sentences
    python -m data.make_noise

It writes ``sentences/<voice>.ogg`` (all sentences of a voice, end to end) and
``sentences/index.csv``. What teaches is half commands and half words in any order, so that the
grammar is not learned along with the sounds. `ROLES` says which voices teach, which validate and
which test, as everywhere in the course.
"""

from __future__ import annotations

from collections.abc import Callable

from course_utils.corpora import DIGITS
from course_utils.serving.assistant import TEST_VOICES, VALIDATION_VOICES, sample_command
from data import kokoro
from data.make_embedded_corpus import VOICES, Voice, finish
from data.make_more_words import FURTHER, VORBIS, phonemes
from data.make_phrases import FOLDER, KOKORO, PEAK_DB, SPEEDS, Spoken, say, seeded, write
from data.make_words_corpus import WORDS

import numpy as np

BY_RULE = [voice.name for voice in (*VOICES, *FURTHER)]
ROLES = {
    "test": KOKORO["test"].split(),  # those of TEST_VOICES speak in tests/benchmarks, unstored
    "validation": [*VALIDATION_VOICES, *KOKORO["validation"].split()],
    "train": [
        *(name for name in BY_RULE if name not in (*TEST_VOICES, *VALIDATION_VOICES)),
        *KOKORO["train"].split(),
    ],
}
N_SENTENCES = {"test": 18, "validation": 18, "train": 9}
PEOPLE = {"rms": 4, "slt": 4, "kal": 4}  # times as many: made from recordings of people
LONGEST = 10  # words of a sentence that teaches
ORDINARY = {"ordinary": 1.0}  # what tests and validates


def command(rng: np.random.Generator) -> tuple[str, ...]:
    """Return the words of a command, as tests and validation have them."""
    return sample_command(rng)[0]


def to_learn(rng: np.random.Generator) -> tuple[str, ...]:
    """Return the words of one command or two, or two to six words in any order."""
    if rng.random() < 0.5:
        return tuple(rng.choice([*WORDS, *DIGITS], rng.integers(2, 7)).tolist())
    words = command(rng)
    if rng.random() < 0.4:
        words = ("computer", *words)
    if rng.random() < 0.2:
        words = (*words, "please")
    further = ("and", *command(rng))
    if rng.random() < 0.5 and len(words) + len(further) <= LONGEST:
        words += further
    return words[:LONGEST]


def sentences_of(voice: Voice | str, role: str) -> list[Spoken]:
    """Sentences by one voice; a Kokoro voice is given by its name."""
    name = voice if isinstance(voice, str) else voice.name
    rng, plans = seeded(name), []
    draw: Callable = to_learn if role == "train" else command
    speeds = SPEEDS if role == "train" else ORDINARY
    for speed, factor in speeds.items():
        for _ in range(N_SENTENCES[role] * PEOPLE.get(name, 1) // len(speeds)):
            plans.append((speed, draw(rng), float(factor * rng.uniform(0.95, 1.05))))
    texts, rates = [" ".join(words) for _, words, _ in plans], [rate for *_, rate in plans]
    if isinstance(voice, str):
        accent = "en-gb" if voice.startswith("b") else "en-us"
        sounds = [
            (kokoro.speak(phonemes(text, accent) + ".", voice, rate), kokoro.SAMPLE_RATE)
            for text, rate in zip(texts, rates, strict=True)
        ]
    else:
        sounds = say(voice, texts, rates)
    found, engine = [], "kokoro" if isinstance(voice, str) else voice.engine
    for take, ((speed, words, rate), sound) in enumerate(zip(plans, sounds, strict=True)):
        about = " ".join(words), take, engine, role, speed, round(rate, 3)
        found.append((about, finish(*sound, rng.uniform(*PEAK_DB))))
    print(name, flush=True)
    return found


def main() -> None:
    """Speak, finish and store every voice."""
    known = {voice.name: voice for voice in (*VOICES, *FURTHER)}
    spoken = {
        name: sentences_of(known.get(name, name), role)
        for role, names in ROLES.items()
        for name in names
    }
    where = ("start_sample", "n_samples")
    header = ("words", "take", *where, "engine", "role", "speed", "rate")
    write(FOLDER / "sentences", spoken, header, VORBIS)


if __name__ == "__main__":
    main()
