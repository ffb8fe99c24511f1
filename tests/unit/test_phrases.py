"""Phrases said in one breath: the recordings, who teaches and who tests, what is learned from."""

import csv
from functools import cache

from course_utils import corpora
from course_utils.augmentation import spectra_of
from course_utils.connected_digits import STREAM_FRONT_END, STRIDE, ConnectedDigitsError
from course_utils.paths import DATA_FOLDER
from course_utils.serving import assistant, phrases
from course_utils.serving.phrases import (
    ROLES,
    SPEEDS,
    NameClips,
    PhraseClips,
    load_phrases,
    load_sentences,
    quiet_around,
    reverberate,
)

import numpy as np
import pytest


@pytest.fixture(scope="module")
def by_role():
    return {role: load_phrases(role) for role in ROLES}


@pytest.fixture(scope="module")
def sentences():
    return {role: load_sentences(role, symbols()) for role in ROLES}


@cache
def symbols():
    return assistant.load_commands().words


@pytest.mark.parametrize("folder", ["phrases", "sentences"])
def test_phrases_are_whole(folder, by_role, sentences):
    spoken = by_role if folder == "phrases" else sentences
    for role, found in spoken.items():
        assert set(found.roles) == {role}
        for waveform, target in zip(found.waveforms, found.targets, strict=True):
            assert 0.12 < len(waveform) / 8000 / len(target) < 1.3  # s a word
            assert 0.15 < np.abs(waveform).max() <= 1
    rows = list(csv.DictReader(open(DATA_FOLDER / folder / "index.csv", newline="")))
    ends = {row["voice"]: int(row["start_sample"]) + int(row["n_samples"]) for row in rows}
    for voice, end in ends.items():
        assert end == phrases.soundfile.info(DATA_FOLDER / folder / f"{voice}.ogg").frames
    assert len(rows) == sum(map(len, spoken.values()))


def test_phrases_of_digits_have_one_to_seven_at_three_speeds(by_role):
    for found in by_role.values():
        assert {len(target) for target in found.targets} <= set(range(1, 8))
        assert set(found.speeds) == set(SPEEDS)


def test_sentences_that_choose_are_commands_and_others_are_half(sentences):
    known = {}
    for role, found in sentences.items():
        words = [[symbols()[label] for label in target] for target in found.targets]
        known[role] = np.mean([bool(assistant.parse(spoken)) for spoken in words])
        assert max(map(len, words)) <= 10
    assert known["test"] == known["validation"] == 1 and 0.35 < known["train"] < 0.6
    taught = np.concatenate(sentences["train"].targets)
    assert set(taught) == set(range(len(symbols()))) - {symbols().index(assistant.BLANK_NAME)}


def test_no_voice_teaches_and_tests(by_role, sentences):
    for spoken in (by_role, sentences):
        voices = {role: set(found.voices) for role, found in spoken.items()}
        assert not voices["train"] & voices["test"]
        assert not voices["train"] & voices["validation"]
        assert not voices["validation"] & voices["test"]
        single = set(corpora.load_digits("neural").speakers)
        assert not single & (voices["test"] | voices["validation"])
    for found in by_role.values():  # each kind of engine is on each side
        assert {"kokoro", "espeak-ng"} < set(found.engines) and len(set(found.engines)) >= 3
    taught = {*sentences["train"].voices, *assistant.load_commands(more=True).speakers}
    assert not taught & {*assistant.TEST_VOICES, *assistant.VALIDATION_VOICES}
    assert set(assistant.VALIDATION_VOICES) < set(sentences["validation"].voices)


def test_faster_phrases_are_shorter(by_role):
    found = by_role["test"]
    seconds = np.array([len(waveform) / 8000 for waveform in found.waveforms])
    words = np.array(list(map(len, found.targets)))
    pace = [(seconds[found.speeds == s].sum() / words[found.speeds == s].sum()) for s in SPEEDS]
    assert pace[0] > 1.1 * pace[1] > 1.2 * pace[2]


def test_another_role_is_refused():
    with pytest.raises(ValueError, match="choose train, validation, test"):
        load_phrases("tests")
    with pytest.raises(ValueError, match="choose train, validation, test"):
        load_sentences("tests", symbols())


def test_there_is_quiet_around():
    sound = np.ones(1000, np.float32)
    (longer,) = quiet_around([sound])
    assert len(longer) == 1600 + 1000 + 4000 and longer.dtype == np.float32
    assert np.abs(longer[:1600]).max() < 0.002 < longer[1600:2600].min()
    assert np.array_equal(longer, quiet_around([sound])[0])


def test_phrases_stand_beside_composed_strings(by_role, embedded):
    few = embedded.select(np.arange(0, len(embedded), 20))
    taught = by_role["train"].select(np.arange(len(by_role["train"])) % 7 == 0)
    plain = PhraseClips.__mro__[1](spectra_of(few, STREAM_FRONT_END), 0, batch_size=8)
    clips = PhraseClips(spectra_of(few, STREAM_FRONT_END), 0, batch_size=8, phrases=taught)
    assert len(clips) == len(plain) + len(taught) // 8
    batches = clips.draw()
    assert len(batches) == len(clips)
    targets = np.concatenate([targets for _, targets in batches])
    said = {tuple(row[1:][row[1:] >= 0]) for row in targets}
    wanted = {tuple(target) for target in taught.targets if len(target) > 3}
    assert len(said & wanted) > 0.8 * len(wanted)  # the others were too fast for the outputs
    for features, target in batches:
        assert target[:, 0].max() * STRIDE <= features.shape[1] < target[:, 0].max() * STRIDE + 4
        assert np.isfinite(features).all()


def test_no_phrase_is_refused(by_role, embedded):
    spectra = spectra_of(embedded.select(np.arange(20)), STREAM_FRONT_END)
    with pytest.raises(ConnectedDigitsError, match="no phrase"):
        none = by_role["train"].select(np.zeros(len(by_role["train"]), bool))
        PhraseClips(spectra, 0, phrases=none)


def test_a_phrase_may_have_more_words_than_a_composed_string(by_role, embedded):
    spectra = spectra_of(embedded.select(np.arange(20)), STREAM_FRONT_END)
    long = by_role["train"].select([len(target) == 7 for target in by_role["train"].targets])
    clips = PhraseClips(spectra, 0, batch_size=8, phrases=long, longest=3)
    targets = np.concatenate([targets for _, targets in clips.draw()])
    assert targets.shape[1] == 1 + 7
    assert {1, 2, 3, 7} == set((targets[:, 1:] >= 0).sum(axis=1))


@pytest.mark.parametrize(("rooms", "share"), [({}, phrases.ROOMS), ({"rooms": 0.0}, 0.0)])
def test_strings_are_said_in_as_many_rooms_as_asked(rooms, share, by_role, embedded, monkeypatch):
    shares = []
    monkeypatch.setattr(phrases, "reverberate", lambda mel, rng, share: shares.append(share) or mel)
    spectra = spectra_of(embedded.select(np.arange(20)), STREAM_FRONT_END)
    few = by_role["train"].select(np.arange(len(by_role["train"])) < 8)
    PhraseClips(spectra, 0, batch_size=8, phrases=few, **rooms).draw()
    assert set(shares) == {share}


def test_of_a_name_nothing_else_is_asked(embedded, monkeypatch):
    name, taught = 4, load_sentences("train", symbols())
    some = taught.select(np.arange(len(taught)) % 40 == 0)
    spectra = spectra_of(embedded.select(embedded.takes < 2), STREAM_FRONT_END)
    fours = np.count_nonzero(spectra.labels == name)
    said, strings = [], PhraseClips.strings
    monkeypatch.setattr(PhraseClips, "strings", lambda self: said.extend(strings(self)) or said)
    clips = NameClips(spectra, 0, name=name, times=3, phrases=some, rooms=0.0, n_symbols=2)
    heard = clips.strings()
    spoken = [np.hstack([label for _, label in string]) for string in said]
    assert sum(np.count_nonzero(labels == name) for labels in spoken[: -len(some)]) == 3 * fours
    for labels, string in zip(spoken, heard, strict=True):
        left = np.hstack([label for _, label in string])
        assert left.dtype.kind == "i" and list(left) == [0] * np.count_nonzero(labels == name)
    rows = np.concatenate([targets[:, 1:] for _, targets in clips.draw()])
    assert set(np.unique(rows)) == {-1, 0}
    assert (rows[:, 0] == -1).any(), "there are strings without the name"


def test_a_name_that_nobody_says_is_told(embedded, sentences):
    spectra = spectra_of(embedded.select(embedded.labels < 4), STREAM_FRONT_END)
    with pytest.raises(ConnectedDigitsError, match="no clip of the name"):
        NameClips(spectra, 0, name=4, times=2, phrases=sentences["train"], n_symbols=2)


def test_a_room_fades_as_its_reverberation_time_says(monkeypatch):
    monkeypatch.setattr(phrases, "REVERBERATION", ((0.4, 0.4), (-3.0, -3.0)))
    click = np.zeros((1, 60, 2), np.float32)
    click[0, 10] = 1, 5
    wet = reverberate(click, np.random.default_rng(0), share=1.0)
    tail = 10 * np.log10(wet[0, 11:51, 0])
    assert np.allclose(tail[0] - tail[-1], 60 * 0.39 / 0.4, atol=0.1)  # dB in 39 frames of 10 ms
    assert np.isclose(10 * np.log10(wet[0, 11:].sum() / wet[0, 10].sum()), -3, atol=0.05)
    assert np.array_equal(wet[0, :11], click[0, :11])  # nothing is heard before it is said
    assert np.array_equal(reverberate(click, np.random.default_rng(0), share=0.0), click)
