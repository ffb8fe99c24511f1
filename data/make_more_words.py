"""Make more words: the words of commands by further synthetic voices, to learn from.

Needs what make_embedded_corpus.py needs, and Kokoro (data/kokoro.py). Run it in the course's
folder; it takes about half an hour, nearly all of it for Kokoro:

    python -m data.make_more_words
    python -m data.make_noise

It writes ``more_words/<voice>.ogg`` and ``more_words/index.csv``, as make_words_corpus.py does,
one clip a word and voice. Every voice teaches: none of them is a voice that tests or validates
anything in the course, nor made from the recordings of such a speaker. The voices of espeak-ng
that are not in ``embedded/`` also say the ten digits; those of Kokoro do so in ``neural/``.
"""

from __future__ import annotations

import subprocess
from functools import cache
from pathlib import Path

from data import kokoro
from data.make_embedded_corpus import SAMPLE_RATE, VOICES, Take, Voice, finish, speak, write_table
from data.make_embedded_corpus import WORDS as DIGITS
from data.make_phrases import PEAK_DB, seeded
from data.make_words_corpus import LEFT_OUT, WORDS

import numpy as np
import soundfile as sf

FOLDER = Path(__file__).resolve().parent / "more_words"
SHORTEST, LONGEST = 0.08, 1.5  # seconds that a clip may last
VORBIS = 1.0  # libsndfile's compression level: the smallest file
FURTHER = (  # of espeak-ng: vocal tracts and accents that no voice of another corpus has
    Voice("adam", "espeak-ng", "en-us+adam", "male", "US", 160, 50),
    Voice("benjamin", "espeak-ng", "en-us-nyc+benjamin", "male", "New York", 165, 50),
    Voice("caleb", "espeak-ng", "en-us+caleb", "male", "US", 155, 50),
    Voice("denis", "espeak-ng", "en-gb-scotland+Denis", "male", "Scottish", 160, 50),
    Voice("gustave", "espeak-ng", "en-gb-x-rp+gustave", "male", "RP", 165, 50),
    Voice("ivan", "espeak-ng", "en-gb-x-gbclan+iven", "male", "Lancaster", 160, 50),
    Voice("jacky", "espeak-ng", "en-gb-scotland+Jacky", "male", "Scottish", 165, 50),
    Voice("john", "espeak-ng", "en-us+john", "male", "US", 170, 50),
    Voice("lee", "espeak-ng", "en-us+Lee", "male", "US", 160, 50),
    Voice("marcel", "espeak-ng", "en+marcelo", "male", "British", 160, 50),
    Voice("max", "espeak-ng", "en-gb-scotland+max", "male", "Scottish", 170, 50),
    Voice("morris", "espeak-ng", "en-gb-x-gbcwmd+Michael", "male", "West Midlands", 160, 50),
    Voice("mike", "espeak-ng", "en-029+Mike", "male", "Caribbean", 165, 50),
    Voice("pablo", "espeak-ng", "en-gb-x-rp+pablo", "male", "RP", 160, 50),
    Voice("quincy", "espeak-ng", "en-us-nyc+quincy", "male", "New York", 165, 50),
    Voice("robert", "espeak-ng", "en+robert", "male", "British", 160, 50),
    Voice("sandro", "espeak-ng", "en-gb-scotland+sandro", "male", "Scottish", 160, 50),
    Voice("travis", "espeak-ng", "en-us+travis", "male", "US", 165, 50),
    Voice("otto", "espeak-ng", "en-gb-x-gbclan+m3", "male", "Lancaster", 165, 50),
    Voice("oscar", "espeak-ng", "en-gb-x-rp+m5", "male", "RP", 165, 50),
    Voice("anika", "espeak-ng", "en-gb-scotland+anika", "female", "Scottish", 165, 50),
    Voice("shelby", "espeak-ng", "en-us+shelby", "female", "US", 165, 50),
    Voice("greta", "espeak-ng", "en-gb-scotland+f1", "female", "Scottish", 170, 50),
    Voice("rosa", "espeak-ng", "en-gb-x-rp+belinda", "female", "RP", 160, 50),
    Voice("paula", "espeak-ng", "en-us+f5", "female", "US", 170, 50),
    Voice("ursula", "espeak-ng", "en-gb-x-gbcwmd+f2", "female", "West Midlands", 170, 50),
)
NEURAL = (
    "af_alloy af_aoede af_jessica af_kore af_nicole am_adam am_echo am_eric am_liam am_onyx "
    "bf_isabella bm_daniel bm_lewis ef_dora em_alex hf_alpha hm_omega"
).split()  # of those that teach in make_phrases.py
TO_KOKORO = (  # what espeak-ng writes, and Kokoro's letters, in this order
    ("a͡ɪ", "I"), ("aɪ", "I"), ("aʊ", "W"), ("eɪ", "A"), ("ɔɪ", "Y"), ("tʃ", "ʧ"), ("dʒ", "ʤ"),
    ("oʊ", "O"), ("əʊ", "Q"), ("ɐ", "ə"), ("ɚ", "əɹ"), ("nsəl", "nsᵊl"), ("ᵻ", "ɪ"), ("r", "ɹ"),
)  # fmt: skip
AMERICAN = (("ɜːɹ", "ɜɹ"), ("ɜː", "ɜɹ"), ("ɾ", "T"), ("oːɹ", "ɔɹ"), ("ː", ""))
BRITISH = (("eə", "ɛː"),)


@cache
def phonemes(word: str, accent: str) -> str:
    """How Kokoro writes a word, from the phonemes of espeak-ng; accent is en-us or en-gb."""
    command = ["espeak-ng", "--ipa", "-q", "-v", accent, f"{word}."]
    found = subprocess.run(command, capture_output=True, check=True, text=True).stdout.strip()
    for before, after in (*TO_KOKORO, *(AMERICAN if accent == "en-us" else BRITISH)):
        found = found.replace(before, after)
    return found.replace("klˈOs", "klˈOz").replace("klˈQs", "klˈQz")  # to close, not near


def words_by_kokoro(voice: str) -> list[tuple[tuple, np.ndarray]]:
    """All words by a voice of Kokoro, each once: what is known of a clip, and its sound."""
    rng, found = seeded(voice), []
    accent = "en-gb" if voice.startswith("b") else "en-us"
    for word in WORDS:
        rate, peak = float(rng.uniform(0.85, 1.15)), rng.uniform(*PEAK_DB)
        sound = kokoro.speak(phonemes(word, accent) + ".", voice, rate)
        about = word, 0, round(rate, 3), 0.0, "kokoro"
        found.append((about, finish(sound, kokoro.SAMPLE_RATE, peak)))
    print(voice, flush=True)
    return found


def words_by_rule(voice: Voice, words: tuple[str, ...]) -> list[tuple[tuple, np.ndarray]]:
    """All words by a voice of espeak-ng, each once, at a speed and a pitch of their own."""
    rng, takes = seeded(voice.name), []
    for word in words:
        rate, pitch, peak = rng.uniform((0.8, -3, PEAK_DB[0]), (1.22, 3, PEAK_DB[1]))
        how = round(float(rate), 3), round(float(pitch), 2), round(float(peak), 1)
        takes.append(Take(voice, word, 0, *how))
    print(voice.name, flush=True)
    return [
        ((take.word, 0, take.rate, take.pitch, voice.engine), clip)
        for take, clip in zip(takes, speak(takes), strict=True)
    ]


def check(voice: str, spoken: list[tuple[tuple, np.ndarray]]) -> None:
    """Stop if a clip is silent, clipped, too short or too long."""
    for about, clip in spoken:
        seconds, peak = len(clip) / SAMPLE_RATE, np.abs(clip.astype(int)).max()
        if not SHORTEST <= seconds <= LONGEST or not 5000 < peak < 32767:
            raise SystemExit(f"{voice}, {about[0]}: lasts {seconds:.2f} s, peak {peak}")


def write(voices: dict[str, list[tuple[tuple, np.ndarray]]]) -> None:
    """Check and store what the voices said."""
    FOLDER.mkdir(exist_ok=True)
    for old in FOLDER.glob("*"):
        old.unlink()
    rows = []
    for name, spoken in voices.items():
        check(name, spoken)
        start = 0
        for (word, take, *how), clip in spoken:
            rows.append((name, word, take, start, len(clip), *how))
            start += len(clip)
        whole, path = np.concatenate([clip for _, clip in spoken]), FOLDER / f"{name}.ogg"
        sf.write(path, whole, SAMPLE_RATE, subtype="VORBIS", compression_level=VORBIS)
        if sf.info(path).frames != len(whole):
            raise SystemExit(f"{path.name}: another length than what was written")
    header = ("voice", "word", "take", "start_sample", "n_samples", "rate", "pitch", "engine")
    write_table(FOLDER / "index.csv", header, rows)
    print(f"{len(rows)} clips of {len(voices)} voices")


def main() -> None:
    """Speak, finish, check and store every voice."""
    voices = {name: words_by_kokoro(name) for name in NEURAL}
    for voice in VOICES:
        if voice.name in LEFT_OUT:  # not in the words corpus; their digits are in embedded/
            voices[voice.name] = words_by_rule(voice, WORDS)
    for voice in FURTHER:
        voices[voice.name] = words_by_rule(voice, (*WORDS, *DIGITS))
    write(voices)


if __name__ == "__main__":
    main()
