"""The text data of chapter 11 fits the words corpus, and its benchmark has sound tables."""

import csv

from course_utils import corpora
from course_utils.paths import DATA_FOLDER
from tests.benchmarks import word_vectors

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


@pytest.mark.parametrize("name", ["GloVe", "phonetic", "GloVe, shuffled", "random, same spectrum"])
def test_a_table_has_a_row_of_length_one_for_each_word(monkeypatch, name):
    clips = word_vectors.Clips(corpora.load_words(), None, np.empty(0), [])
    monkeypatch.setattr(word_vectors, "clips", lambda: clips)
    word_vectors.table.cache_clear()
    table = word_vectors.table(name, 0)
    assert table.shape == (75, word_vectors.SIZES)
    assert np.allclose(np.linalg.norm(table, axis=1), 1, atol=1e-5)
    assert np.triu(table @ table.T, k=1).max() < 0.9999, "two words with one vector"
    word_vectors.table.cache_clear()


def test_shuffled_vectors_are_the_same_vectors(monkeypatch):
    clips = word_vectors.Clips(corpora.load_words(), None, np.empty(0), [])
    monkeypatch.setattr(word_vectors, "clips", lambda: clips)
    word_vectors.table.cache_clear()
    true, shuffled = (word_vectors.table(name, 1) for name in ("GloVe", "GloVe, shuffled"))
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
