"""Cut one woman's recorded words to single clips: data/real (see its card).

    apt-get download asterisk-core-sounds-en-wav
    dpkg -x asterisk-core-sounds-en-wav_*.deb FOLDER
    python -m data.make_real_words FOLDER

Reads the recordings of Allison Smith in the Debian package and writes ``real/words.flac``, all
clips end to end, ``real/index.csv``, a row each, and SHA256SUMS. Silence is cut where a frame
is 35 dB below the loudest; nothing else is changed.
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path

from course_utils.audio import trim_silence
from data.make_noise import DATA, SAMPLE_RATE, checksums

import numpy as np
import soundfile as sf

DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
ALPHABET = (
    "alpha bravo charlie delta echo foxtrot golf hotel india juliet kilo lima mike november oscar "
    "papa quebec romeo sierra tango uniform victor whiskey xray yankee zulu"
).split()
MONTHS = (
    "january february march april may june july august september october november december"
).split()
DAYS = "sunday monday tuesday wednesday thursday friday saturday".split()
PLAIN = {
    **{word: f"digits/{word}" for word in ("hundred", "thousand", "million", "billion", "minus")},
    **{word: f"digits/{word}" for word in ("star", "pound", "dollars", "today", "tomorrow")},
    **{word: f"{word}" for word in ("added", "calling", "cancelled", "enabled", "extension")},
    **{word: f"{word}" for word in ("goodbye", "hello", "hours", "location", "minute")},
    **{word: f"{word}" for word in ("removed", "second", "time", "with")},
    **{word: f"vm-{word.capitalize()}" for word in ("family", "friends", "work")},
}


def sources() -> dict[str, str]:
    """Each word and the file that holds it, digits first."""
    digits = {word: f"digits/{digit}" for digit, word in enumerate(DIGITS)}
    others = {word: f"phonetic/{word[0]}_p" for word in ALPHABET}
    others |= {word: f"digits/day-{number}" for number, word in enumerate(DAYS)}
    others |= {word: f"digits/mon-{number}" for number, word in enumerate(MONTHS)}
    return digits | others | PLAIN


def main(folder: Path) -> None:
    """Cut, store, list."""
    sounds = next(folder.rglob("en_US_f_Allison"), folder)
    target = DATA / "real"
    target.mkdir(exist_ok=True)
    clips, rows, start = [], [], 0
    for word, name in sources().items():
        waveform, rate = sf.read(sounds / f"{name}.wav", dtype="int16")
        if rate != SAMPLE_RATE:
            raise SystemExit(f"{name}.wav: {SAMPLE_RATE} Hz expected, found {rate}")
        clip = trim_silence(waveform / 32768, rate, top_db=35.0)
        clip = np.round(clip * 32768).astype(np.int16)
        digit = DIGITS.index(word) if word in DIGITS else ""
        rows.append((word, digit, start, len(clip), f"{name}.wav"))
        clips.append(clip)
        start += len(clip)
    sf.write(target / "words.flac", np.concatenate(clips), SAMPLE_RATE, subtype="PCM_16")
    with (target / "index.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerows([("word", "digit", "start_sample", "n_samples", "file"), *rows])
    (DATA / "SHA256SUMS").write_text(checksums())
    seconds = start / SAMPLE_RATE
    print(f"{len(rows)} words, {seconds:.0f} s, {(target / 'words.flac').stat().st_size} bytes")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
