"""Make the words corpus: words for commands, from the synthetic voices of the embedded corpus.

Needs what make_embedded_corpus.py needs. Run it from the folder above; it takes about two minutes:

    python -m data.make_words_corpus

It writes ``words/<voice>.ogg`` (all clips of a voice, end to end, ordered by word and take) and
``words/index.csv`` (where each clip begins). Ogg Vorbis, since FLAC would take thrice the room.
"""

from pathlib import Path

from data.make_embedded_corpus import SAMPLE_RATE, VOICES, check, plan, speak, write_table

import numpy as np
import soundfile as sf

FOLDER = Path(__file__).resolve().parent / "words"
TAKES = 4
SHORTEST, LONGEST = 0.1, 1.2  # seconds that a clip may last
VORBIS = 0.8  # libsndfile's compression level: 0 is the best quality, 1 the smallest file
LEFT_OUT = ("victor", "edward", "belinda", "martin", "gloria", "faith")  # to keep the files small
GROUPS = {
    "answers": "yes no hello please thanks help repeat cancel undo what where computer",
    "actions": "on off set start stop play turn go open close navigate",
    "home": "light lamp music song volume heat door window alarm timer",
    "rooms": "kitchen bedroom bathroom garden home",
    "quantities": "up down left right louder quieter bright dark warm cold seconds minutes hour",
    "colours": "red green blue",
    "places": "street station train bus park market bridge school river church museum",
    "times": "morning evening weather today tomorrow",
    "joints": "the to for in and",
}
WORDS = tuple(word for group in GROUPS.values() for word in group.split())


def main() -> None:
    """Speak, finish, check and store every voice."""
    FOLDER.mkdir(exist_ok=True)
    for old in FOLDER.glob("*"):
        old.unlink()
    index = []
    for voice in VOICES:
        if voice.name in LEFT_OUT:
            continue
        takes = plan(voice, WORDS, TAKES)
        clips = speak(takes)
        check(takes, clips, SHORTEST, LONGEST)
        start = 0
        for take, clip in zip(takes, clips, strict=True):
            index.append(
                (voice.name, take.word, take.take, start, len(clip), take.rate, take.pitch)
            )
            start += len(clip)
        path = FOLDER / f"{voice.name}.ogg"
        whole = np.concatenate(clips)
        sf.write(path, whole, SAMPLE_RATE, subtype="VORBIS", compression_level=VORBIS)
        if sf.info(path).frames != len(whole):
            raise SystemExit(f"{path.name}: another length than what was written")
        print(
            f"{voice.name:8s} {start / SAMPLE_RATE:.0f} s, {path.stat().st_size} bytes", flush=True
        )
    header = ("voice", "word", "take", "start_sample", "n_samples", "rate", "pitch")
    write_table(FOLDER / "index.csv", header, index)
    print(f"{len(index)} clips of {len(WORDS)} words")


if __name__ == "__main__":
    main()
