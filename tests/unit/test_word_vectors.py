"""The text data of chapter 11 fits the words corpus, and its benchmark has sound tables."""

import csv
import io
import struct

from course_utils import corpora
from course_utils.paths import DATA_FOLDER
from data import make_transformer_table
from tests.benchmarks import baselines, word_vectors

import numpy as np
import pytest

TEXT = DATA_FOLDER / "text"


def stored_words(name: str) -> list[str]:
    with np.load(TEXT / name) as stored:
        return [str(word) for word in stored["words"]]


def test_counts_and_vectors_are_of_the_same_words_and_hold_those_of_the_corpus():
    words = stored_words("counts.npz")
    assert words == stored_words("glove.npz") == sorted(set(words))
    assert set(corpora.load_words().words) | set(corpora.DIGITS) <= set(words)
    assert (TEXT / "counts.npz").stat().st_size < 2e6
    assert (TEXT / "glove.npz").stat().st_size < 1e6


def test_the_table_of_the_transformer_is_of_the_words_and_the_digits():
    path = DATA_FOLDER / "transformer" / "table.npz"
    with np.load(path) as stored:
        words, vectors = [str(word) for word in stored["words"]], stored["vectors"]
    assert set(words) == set(corpora.load_words().words) | set(corpora.DIGITS)
    assert vectors.shape == (len(words), 384) and path.stat().st_size < 1e5
    unit = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(float)
    cosines = unit @ unit.T - 2 * np.eye(len(unit))
    for word, nearest in (("seconds", "minutes"), ("bedroom", "bathroom"), ("three", "four")):
        assert words[cosines[words.index(word)].argmax()] == nearest


def test_weights_are_found_in_a_model_file_of_ctranslate2():
    """The file is laid out as that of the package is: version 6, one array after the other."""
    wanted, other = np.arange(6, dtype=np.float16).reshape(2, 3), np.ones(4, np.float32)

    def text(name: str) -> bytes:
        return struct.pack("<H", len(name) + 1) + name.encode() + b"\0"

    content = struct.pack("<I", 6) + text("WhisperSpec") + struct.pack("<II", 3, 2)
    for name, kind, array in (("encoder/scale", 0, other), ("decoder/table", 4, wanted)):
        shape = struct.pack(f"<B{array.ndim}I", array.ndim, *array.shape)
        content += text(name) + shape + struct.pack("<BI", kind, array.nbytes) + array.tobytes()
    read = make_transformer_table.read_weights
    np.testing.assert_array_equal(read(io.BytesIO(content), "decoder/table"), wanted)
    np.testing.assert_array_equal(read(io.BytesIO(content), "encoder/scale"), other)
    with pytest.raises(SystemExit, match="no weights decoder/other"):
        read(io.BytesIO(content), "decoder/other")
    with pytest.raises(SystemExit, match="version 7"):
        read(io.BytesIO(struct.pack("<I", 7) + content[4:]), "decoder/table")


def test_the_counts_are_the_upper_half_of_a_matrix():
    with np.load(TEXT / "counts.npz") as stored:
        n, ends = len(stored["words"]), stored["indptr"].astype(int)
        columns, counts = np.cumsum(stored["steps"].astype(int)), stored["counts"]
    rows = np.repeat(np.arange(n), np.diff(ends))
    assert (columns > rows).all() and columns.max() < n and counts.min() >= 2


def test_every_word_has_a_pronunciation_and_every_sound_its_properties():
    with open(TEXT / "sounds.csv", newline="") as file:
        sounds = {row["sound"] for row in csv.DictReader(file)}
    with open(TEXT / "pronunciations.csv", newline="") as file:
        said = {row["word"]: row["sounds"].split() for row in csv.DictReader(file)}
    assert set(said) == set(corpora.load_words().words) | set(corpora.DIGITS)
    assert {sound for word in said.values() for sound in word} <= sounds


@pytest.mark.parametrize(
    "name",
    ["GloVe", "phonetic", "GloVe, shuffled", "random, same spectrum", "transformer"],
)
def test_a_table_has_a_row_of_length_one_for_each_word(monkeypatch, name):
    clips = word_vectors.Clips(corpora.load_words(), None, np.empty(0), [])
    monkeypatch.setattr(word_vectors, "clips", lambda: clips)
    word_vectors.table.cache_clear()
    table = word_vectors.table(name, 0)
    assert table.shape == (75, word_vectors.SIZES)
    assert np.allclose(np.linalg.norm(table, axis=1), 1, atol=1e-5)
    assert np.triu(table @ table.T, k=1).max() < 0.9999, "two words with one vector"
    word_vectors.table.cache_clear()


@pytest.mark.parametrize("name", ["GloVe", "transformer"])
def test_shuffled_vectors_are_the_same_vectors(monkeypatch, name):
    clips = word_vectors.Clips(corpora.load_words(), None, np.empty(0), [])
    monkeypatch.setattr(word_vectors, "clips", lambda: clips)
    word_vectors.table.cache_clear()
    true, shuffled = (word_vectors.table(which, 1) for which in (name, f"{name}, shuffled"))
    assert not np.allclose(true, shuffled)
    assert np.allclose(np.sort(true, axis=0), np.sort(shuffled, axis=0))
    word_vectors.table.cache_clear()


def test_a_clip_is_stretched_to_all_frames():
    mel = np.zeros((2, 90, 3), np.float32)
    mel[0, :33] = np.arange(33)[:, None]
    mel[1, : word_vectors.FRAMES] = np.arange(word_vectors.FRAMES)[:, None]
    filled = word_vectors.fill_frames(mel, np.array([33, word_vectors.FRAMES]))
    assert np.allclose(filled[0, :, 0], np.linspace(0, 32, word_vectors.FRAMES), atol=1e-4)
    assert np.allclose(filled[1], mel[1, : word_vectors.FRAMES], atol=1e-4)


def test_the_rows_are_measured_with_what_the_chapter_shows():
    names = ("body", "fill_frames", "hit_and_apart", "make_table")
    here, rng = baselines.functions("11_word_vectors", names), np.random.default_rng(0)
    network, shown = word_vectors.body(50), here.body(50)
    shown.set_weights(network.get_weights())
    inputs = rng.normal(size=(3, word_vectors.FRAMES, 40)).astype(np.float32)
    np.testing.assert_allclose(shown(inputs), network(inputs), atol=1e-6)
    mel, lengths = rng.uniform(size=(2, 90, 3)).astype(np.float32), np.array([33, 90])
    filled = (module.fill_frames(mel, lengths, -0.05, 1.03) for module in (here, word_vectors))
    np.testing.assert_allclose(*filled, atol=1e-6)
    cosines, labels = rng.uniform(-1, 1, (6, 9)).astype(np.float32), np.arange(6)
    losses = (module.hit_and_apart(labels, cosines) for module in (here, word_vectors))
    np.testing.assert_allclose(*losses, rtol=1e-5)
    vectors, words = rng.normal(size=(75, 60)), [str(number) for number in range(75)]
    tables = here.make_table(words, words, vectors), word_vectors.finished(vectors)
    np.testing.assert_allclose(*tables, atol=1e-5)
