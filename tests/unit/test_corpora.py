"""The corpora: which one is loaded, what they hold, and how they are split."""

import hashlib
import io

from course_utils import corpora, paths
from course_utils.corpora import Corpus, CorpusError
from course_utils.serving import assistant, phrases

import numpy as np
import pytest

# ---------------------------------------------------------------- which corpus is loaded


@pytest.fixture
def no_network(tmp_path, monkeypatch):
    """A machine without FSDD and without a network."""
    monkeypatch.setenv("COURSE_DATA", str(tmp_path / "course-data"))
    monkeypatch.setenv("COURSE_FSDD_URL", "http://127.0.0.1:9/fsdd.tar.gz")
    return tmp_path / "course-data"


def test_no_network_is_quick_and_says_what_to_do(no_network):
    with pytest.raises(CorpusError, match="did not answer.*work offline with"):
        corpora.load_digits("fsdd")
    assert list(no_network.iterdir()) == []


def test_auto_falls_back_and_says_so(no_network, monkeypatch, capsys):
    monkeypatch.delenv("COURSE_CORPUS", raising=False)
    assert corpora.load_digits().name == "embedded"
    printed = capsys.readouterr().out
    assert printed.count("\n") == 1 and "synthetic voices" in printed and "make data" in printed


@pytest.mark.parametrize("encoding", ["ascii", "cp1252"])
def test_what_it_says_fits_any_console(encoding, no_network, monkeypatch):
    monkeypatch.setenv("COURSE_DATA", str(no_network / "数据"))
    console = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    monkeypatch.setattr("sys.stdout", console)
    monkeypatch.delenv("COURSE_CORPUS", raising=False)
    no_network.write_text("in the way")
    assert corpora.load_digits().name == "embedded"
    console.seek(0)
    assert "not writable" in console.read()


def test_the_environment_chooses_a_corpus(no_network, monkeypatch, capsys):
    monkeypatch.setenv("COURSE_CORPUS", "embedded")
    assert corpora.load_digits().name == "embedded"
    assert capsys.readouterr().out == ""


def test_unknown_names(monkeypatch):
    with pytest.raises(CorpusError, match="'timit'.*choose 'fsdd'"):
        corpora.load_digits("timit")
    monkeypatch.setenv("COURSE_CORPUS", "nonsense")
    with pytest.raises(CorpusError, match="COURSE_CORPUS asks for the corpus 'nonsense'"):
        corpora.load_digits()
    with pytest.raises(CorpusError, match="choose one of white"):
        corpora.load_noise("thunder")


# ---------------------------------------------------------------- the corpora themselves


def test_fsdd(fsdd):
    assert len(fsdd) == 3000 and len(np.unique(fsdd.speakers)) == 6
    assert set(map(tuple, np.c_[fsdd.labels, fsdd.takes])) == set(np.ndindex(10, 50))
    official = corpora.official_split(fsdd)
    assert len(official.test) == 300 and set(official.test.takes) == set(range(5))


def test_embedded(embedded):
    digits, counts = np.unique(embedded.labels, return_counts=True)
    assert list(digits) == list(range(10)) and len(set(counts)) == 1
    assert len(np.unique(embedded.speakers)) >= 16 and len(np.unique(embedded.takes)) >= 6
    assert embedded.seconds.min() > 0.15 and embedded.seconds.max() < 1.1
    for waveform in embedded.waveforms:
        assert waveform.dtype == np.float32 and 0.05 < np.abs(waveform).max() <= 1


def test_words_are_whole():
    corpus = corpora.load_words()
    assert len(corpus.words) == len(set(corpus.words)) == 75 and "digits" not in repr(corpus)
    assert len(clip_ids(corpus)) == len(corpus) == 75 * 4 * 16
    assert not set(corpus.words) & set(corpora.DIGITS)
    for waveform in corpus.waveforms:
        assert waveform.dtype == np.float32 and 0.15 < np.abs(waveform).max() < 1
        assert 0.1 < len(waveform) / corpus.sample_rate < 1.2


def test_more_words_are_whole_and_only_teach():
    words, more = corpora.load_words(), corpora.load_words("more_words")
    assert more.words == (*words.words, *corpora.DIGITS)
    tested = {str(voice) for voice in np.unique(words.speakers)[3::4]}  # of chapter 11
    tested |= {*assistant.TEST_VOICES, *assistant.VALIDATION_VOICES}
    for role in ("validation", "test"):
        tested |= set(phrases.load_phrases(role).voices)
    assert not (tested | set(words.speakers)) & set(more.speakers)
    neural = set(corpora.load_digits("neural").speakers)
    embedded = set(corpora.load_digits("embedded").speakers)
    for voice in np.unique(more.speakers):
        n_words = 75 if voice in neural | embedded else 85
        assert sorted(more.labels[more.speakers == voice]) == list(range(n_words)), voice
    for waveform in more.waveforms:
        assert waveform.dtype == np.float32 and 0.15 < np.abs(waveform).max() < 1
        assert 0.08 < len(waveform) / more.sample_rate < 1.5


def test_commands_by_more_voices_have_the_same_symbols():
    commands, more = assistant.load_commands(), assistant.load_commands(more=True)
    assert more.words == commands.words and len(more) == len(more.labels)
    for voice in np.unique(more.speakers):
        assert set(more.labels[more.speakers == voice]) == set(range(86)) - {10}, voice
    first = np.flatnonzero(more.labels == more.words.index("kitchen"))[0]
    alone = corpora.load_words("more_words")
    same = np.flatnonzero(alone.labels == alone.words.index("kitchen"))[0]
    np.testing.assert_array_equal(more.waveforms[first], alone.waveforms[same])


def test_noises():
    for kind in corpora.NOISES:
        noise = corpora.load_noise(kind)
        assert len(noise) >= 10 * corpora.SAMPLE_RATE and 0.01 < noise.std() < 0.5


def test_checksums_of_the_data_folder():
    folder = paths.DATA_FOLDER
    lines = (folder / "SHA256SUMS").read_text().splitlines()
    for line in lines:
        digest, name = line.split("  ")
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest, name
    listed = {line.split("  ")[1] for line in lines}
    sounds = [*folder.rglob("*.flac"), *folder.rglob("*.ogg")]
    assert {str(path.relative_to(folder)) for path in sounds} <= listed
    n_bytes = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    assert n_bytes < 29e6  # what the assistant needs came last: sentences, a wake word


# ---------------------------------------------------------------- splits


def clip_ids(corpus):
    return set(zip(corpus.labels, corpus.speakers, corpus.takes, strict=True))


def assert_partition(corpus, split):
    assert not clip_ids(split.train) & clip_ids(split.test)
    assert clip_ids(split.train) | clip_ids(split.test) == clip_ids(corpus)


def test_splits_share_no_clip_and_lose_none(embedded):
    assert_partition(embedded, corpora.official_split(embedded))
    assert_partition(embedded, corpora.random_split(embedded))
    folds = list(corpora.leave_one_speaker_out(embedded))
    assert [speaker for speaker, _ in folds] == sorted(set(embedded.speakers))
    for speaker, split in folds:
        assert_partition(embedded, split)
        assert set(split.test.speakers) == {speaker} and speaker not in split.train.speakers


def test_several_voices_and_words_are_held_out():
    words = corpora.load_words()
    split = corpora.unknown_speaker_split(words, ["awb", "flora"])
    assert_partition(words, split)
    assert set(split.test.speakers) == {"awb", "flora"}
    assert not {"awb", "flora"} & set(split.train.speakers)
    split = corpora.unknown_words_split(words, ["kitchen", "go"])
    assert_partition(words, split)
    assert {words.words[label] for label in split.test.labels} == {"kitchen", "go"}
    assert len(split.test) == 2 * 4 * 16 and split.train.words == words.words


def test_random_split_is_balanced_and_depends_on_its_seed(embedded):
    split = corpora.random_split(embedded, 0.25, seed=1)
    assert len(set(np.bincount(split.test.labels))) == 1
    assert clip_ids(split.test) == clip_ids(corpora.random_split(embedded, 0.25, seed=1).test)
    assert clip_ids(split.test) != clip_ids(corpora.random_split(embedded, 0.25, seed=2).test)


def test_waveforms_stay_with_their_labels(embedded):
    split = corpora.random_split(embedded)
    for part in split:
        for i in (0, len(part) - 1):
            same = (
                (embedded.labels == part.labels[i])
                & (embedded.speakers == part.speakers[i])
                & (embedded.takes == part.takes[i])
            )
            (original,) = np.flatnonzero(same)
            assert part.waveforms[i] is embedded.waveforms[original]


def test_splits_refuse_what_cannot_be_split(embedded):
    one = embedded.select(embedded.speakers == embedded.speakers[0])
    with pytest.raises(CorpusError, match="one side empty"):
        corpora.unknown_speaker_split(one, str(one.speakers[0]))
    with pytest.raises(CorpusError, match="no speaker 'nobody'"):
        corpora.unknown_speaker_split(embedded, "nobody")
    with pytest.raises(CorpusError, match="one side empty"):
        corpora.official_split(embedded.select(embedded.takes == 0))
    for fraction in (10, -0.1):
        with pytest.raises(ValueError, match="between 0 and 1"):
            corpora.random_split(embedded, fraction)
    with pytest.raises(IndexError, match="boolean index did not match"):
        embedded.select(np.array([True]))
    with pytest.raises(CorpusError, match="no word 'nothing'"):
        corpora.unknown_words_split(embedded, ["one", "nothing"])
    with pytest.raises(CorpusError, match="one side empty"):
        corpora.unknown_words_split(embedded, corpora.DIGITS)


def test_corpus_says_what_it_is(embedded):
    assert isinstance(embedded, Corpus) and "10 digits" in repr(embedded)
