"""The benchmark: what it measures, which rows are stale, and how its rows are made."""

from __future__ import annotations

import json
from dataclasses import replace
from types import SimpleNamespace

from course_utils import connected_digits, corpora, ctc, models, training
from course_utils.augmentation import NO_AUGMENTATION, spectra_of
from course_utils.connected_digits import STREAM_FRONT_END
from course_utils.paths import RESULTS_FILE, ROOT
from tests.benchmarks import (
    accuracy,
    backends,
    baselines,
    calibration,
    compression,
    eight_bits,
    fairness,
    folds,
    harder_words,
    ideas,
    more_voices,
    plans,
    recurrent_layers,
    robustness,
    rows,
    speech_codecs,
    trainings,
)
from tests.benchmarks.__main__ import main
from tests.benchmarks.groups import MEASUREMENTS, UNITS, badly_timed, stale, unclaimed
from tests.benchmarks.plans import MEAN_OF_SIX, PLANS, Plan

import keras
import nbformat
import numpy as np
import pytest
from scipy.stats import binomtest
from threadpoolctl import threadpool_limits

STORED = json.loads(RESULTS_FILE.read_text(encoding="utf-8"))


# ---------------------------------------------------------------- what is stored


@pytest.mark.parametrize("unit", UNITS, ids=str)
def test_stored_rows_are_what_their_recipe_gives(unit):
    hashes = {row["recipe_hash"] for row in STORED if unit.owns(row)}
    assert hashes, f"{unit} was never measured: make benchmark"
    assert hashes == {unit.hash()}, f"{unit} is stale: its recipe has changed; make benchmark"


def test_every_stored_row_can_be_measured_again():
    assert unclaimed(STORED) == []
    assert {tuple(row) for row in STORED} == {rows.FIELDS}


def test_a_row_belongs_to_one_unit():
    for row in STORED:
        assert sum(unit.owns(row) for unit in UNITS) == 1, row


# ---------------------------------------------------------------- what is stale


@pytest.fixture
def course(tmp_path, monkeypatch):
    """Files of our own in place of the course's; returns the folder."""
    for name, module in (("ROWS_FILE", rows), ("RUNS_FILE", trainings), ("RESULTS_FILE", rows)):
        monkeypatch.setattr(module, name, tmp_path / f"{name}.json")
    monkeypatch.setattr(trainings, "RESULTS_FILE", tmp_path / "RESULTS_FILE.json")
    for name in ("ROWS_FILE", "RESULTS_FILE"):
        monkeypatch.setattr(f"tests.benchmarks.__main__.{name}", tmp_path / f"{name}.json")
    rows.write(tmp_path / "RESULTS_FILE.json", STORED)
    return tmp_path


def without_hash(*units) -> list[dict]:
    """The stored rows, of which those of some units wait, and the others are fresh."""
    fresh, today = [], {unit: unit.hash() for unit in UNITS}
    for row in STORED:
        (owner,) = (unit for unit in UNITS if unit.owns(row))
        fresh.append({**row, "recipe_hash": None if owner in units else today[owner]})
    return fresh


def test_a_row_is_stale_when_its_hash_is_another():
    speed, *_ = MEASUREMENTS
    assert stale(UNITS, without_hash()) == {}
    assert list(stale(UNITS, without_hash(speed))) == [speed]
    plan = next(plan for plan in PLANS if plan.group == "recurrent")
    changed = [row | {"recipe_hash": "0" * 16} if plan.owns(row) else row for row in without_hash()]
    assert list(stale(UNITS, changed)) == [plan]
    assert f"{'0' * 16}, now {plan.hash()}" in stale(UNITS, changed)[plan]
    missing = [row for row in without_hash() if not plan.owns(row)]
    assert stale(UNITS, missing) == {plan: "there is no row yet"}


def test_a_training_that_had_to_wait_is_badly_timed():
    plan = next(plan for plan in PLANS if plan.group == "official")
    calm = [
        row | {"train_seconds": row["train_cpu_seconds"]} if row["train_seconds"] else row
        for row in without_hash()
    ]
    busy = [row | {"train_seconds": 100.0} if plan.owns(row) else row for row in calm]
    assert badly_timed(UNITS, calm) == {} == stale(UNITS, busy)
    assert list(badly_timed(UNITS, busy)) == [plan]
    stale_too = [row | {"recipe_hash": "0" * 16} if plan.owns(row) else row for row in busy]
    assert badly_timed(UNITS, stale_too) == {}, "it is measured again, and so timed"


def test_what_had_to_wait_is_timed_again_and_nothing_else_changes(course, monkeypatch):
    plan = next(plan for plan in PLANS if plan.split == MEAN_OF_SIX and plan.group == "unknown")
    splits = [row["split"] for row in STORED if plan.owns(row)]
    parts = [split.removeprefix("unknown:") for split in splits if split != MEAN_OF_SIX]
    taken = iter(range(10, 10 + len(parts)))

    def learn_in_time(*_):
        seconds = float(next(taken))
        return None, {"train_seconds": seconds, "train_cpu_seconds": seconds / 2}

    monkeypatch.setattr(
        trainings, "parts_of", lambda _: dict.fromkeys(parts, SimpleNamespace(train=None))
    )
    monkeypatch.setattr(trainings, "learn_in_time", learn_in_time)
    trainings.time_again(plan, seed=0, store=True)
    times = ("train_seconds", "train_cpu_seconds")
    for old, new in zip(STORED, rows.read(course / "RESULTS_FILE.json"), strict=True):
        if plan.owns(old):
            part = old["split"].removeprefix("unknown:")
            mean = old["split"] == MEAN_OF_SIX
            seconds = 10.0 if mean else 10.0 + parts.index(part)
            busy = np.mean(10.0 + np.arange(len(parts))) / 2 if mean else seconds / 2
            assert [new[name] for name in times] == pytest.approx([seconds, busy], abs=0.06)
            old = old | {name: new[name] for name in times}
        assert new == old


def test_the_command_lists_and_measures_what_is_stale(course, monkeypatch, capsys):
    official = next(plan for plan in PLANS if plan.group == "official")
    speed, *_ = MEASUREMENTS
    found = {"model": "new", "metric": "time for the corpus", "value": 1.0, "unit": "s"}
    quick = [measurement._replace(measure=lambda: [found]) for measurement in MEASUREMENTS]
    monkeypatch.setattr("tests.benchmarks.__main__.UNITS", (*quick, *PLANS))
    trained = []
    monkeypatch.setattr(trainings, "measure", lambda plans, *_, **how: trained.extend(plans))
    rows.write(course / "RESULTS_FILE.json", without_hash(speed, official))

    main(["--list"])
    shown = capsys.readouterr().out
    assert "speed: its rows wait" in shown and "official: digit_network, official: its" in shown
    assert f"2 of {len(UNITS)} measurements are stale." in shown and not trained

    main(["speed"])
    assert "--store puts them into RESULTS_FILE.json" in capsys.readouterr().out
    assert not (course / "RESULTS_FILE.json").read_text().count('"new"')
    main(["--store"])
    assert trained == [official]
    stored = rows.read(course / "RESULTS_FILE.json")
    (row,) = (row for row in stored if row["group"] == "speed")
    assert (row["model"], row["recipe_hash"], row["task"]) == ("new", speed.hash(), "front end")
    assert [r["group"] for r in stored].index("speed") == 45, "where it stood before"

    main(["--stale", "speed", "grading"])
    assert "Nothing is stale." in capsys.readouterr().out

    again = []
    monkeypatch.setattr(trainings, "time_again", lambda plan, *_: again.append(plan))
    waited = [r | {"train_seconds": 1e3} if official.owns(r) else r for r in without_hash()]
    rows.write(course / "RESULTS_FILE.json", waited)
    main(["--list", "--busy", "official"])
    assert "timed on a busy machine: 1000 s" in capsys.readouterr().out and not again
    main(["--busy", "official"])
    assert again == [official] and trained == [official], "timed again, not trained as new"
    main(["official", "recurrent"])
    assert {plan.group for plan in trained[1:]} == {"official", "recurrent"}
    main(["all"])
    assert len(trained) == 4 + len(PLANS)


def test_a_group_that_is_none_is_refused(capsys):
    with pytest.raises(SystemExit):
        main(["ofical"])
    assert "there is no group 'ofical'; choose from speed" in capsys.readouterr().err


# ---------------------------------------------------------------- runs and rows


def plan_of(**changes) -> Plan:
    return Plan("unknown", "network", "digit_network", MEAN_OF_SIX, folds.each_speaker)._replace(
        **changes
    )


def one_run(seed, part, parts=2, **found):
    return {
        "part": part,
        "parts": parts,
        "seed": seed,
        "parameters": 7,
        "train_seconds": 10.0 + seed,
        "train_cpu_seconds": 8.0 + 2 * seed,
        "milliseconds": None,
        "recipe_hash": "abc",
        **found,
    }


def test_a_mean_counts_whole_seeds_and_each_clip_once():
    runs = [
        one_run(seed, part, correct=correct, clips=100)
        for seed, part, correct in (
            (0, "a", 90),
            (0, "b", 80),
            (1, "a", 94),
            (1, "b", 84),
            (2, "a", 0),
        )
    ]  # the third seed is not finished
    by_split = {row["split"]: row for row in accuracy.rows_of(plan_of(), runs)}
    mean = by_split[MEAN_OF_SIX]
    assert mean["value"] == pytest.approx(0.87) and mean["seeds"] == [0, 1]
    assert (mean["train_seconds"], mean["train_cpu_seconds"]) == (10.0, 9.0)
    wilson = binomtest(174, 200).proportion_ci(method="wilson")  # 200 clips, not 400
    assert (mean["low"], mean["high"]) == pytest.approx((wilson.low, wilson.high), abs=1e-4)
    assert by_split["unknown:a"]["seeds"] == [0, 1, 2], "a speaker's own row has every run"
    assert by_split["unknown:b"]["value"] == pytest.approx(0.82)
    assert {row["recipe_hash"] for row in by_split.values()} == {"abc"}


def read(*strings: str) -> dict:
    """What a run keeps of strings: each word is its clip, with ! for each error at it."""
    words = [string.split() for string in strings]
    return {
        "clips": [[word.strip("!") for word in string] for string in words],
        "errors": [[word.count("!") for word in string] for string in words],
    }


def test_rows_of_strings_are_rates_over_all_words_and_all_strings():
    runs = [
        one_run(0, "a", long=read("1 2 3 4", "1 2 3 4 5 6"), three=read("1 2", "3 4!")),
        one_run(0, "b", long=read("7! 8 9 7", "7!! 8 9 8 9 8"), three=read("7 8", "8 9")),
    ]
    found = accuracy.rows_of(plan_of(group="strings"), runs)
    values = {(row["split"], row["metric"]): row["value"] for row in found}
    assert values[MEAN_OF_SIX, "wer"] == pytest.approx(3 / 20)
    assert values[MEAN_OF_SIX, "exact strings"] == pytest.approx(2 / 4)
    assert values[MEAN_OF_SIX, "exact strings of three digits"] == pytest.approx(3 / 4)
    assert values["unknown:b", "wer"] == pytest.approx(3 / 10)
    assert {row["unit"] for row in found} == {"fraction"}
    (mean,) = (r for r in found if (r["split"], r["metric"]) == (MEAN_OF_SIX, "wer"))
    assert (mean["low"], mean["high"]) == (0, 0.3), "of two speakers either can be drawn twice"
    assert ("unknown:b", "wer, seed 0") not in values, "one seed is no choice of seeds"


def test_intervals_of_strings_draw_the_clips_again():
    spread = read(*(f"c{i} d{i}!" if i < 10 else f"c{i} d{i}" for i in range(40)))
    reused = read(*(f"c{i} {'one!' if i < 10 else f'd{i}'}" for i in range(40)))

    def interval(strings):
        runs = [one_run(seed, "a", parts=1, long=strings, three=strings) for seed in (0, 1)]
        shares = accuracy.string_shares(runs)
        assert shares["wer"][0] == pytest.approx(1 / 8) == shares["wer, seed 1"][0]
        assert shares["exact strings"][0] == pytest.approx(3 / 4)
        return [shares[metric][2] - shares[metric][1] for metric in ("wer", "exact strings")]

    for apart, together in zip(interval(spread), interval(reused), strict=True):
        assert together > 1.5 * apart, "ten errors of one clip are one thing that was drawn"


def test_two_models_are_compared_on_the_same_strings():
    worse = [
        one_run(seed, "a", parts=1, long=read("1! 2 3", "1! 4 2"), three=read("1 2"))
        for seed in (0, 1)
    ]
    other = [one_run(0, "a", parts=1, long=read("1 2 3", "1 4 2!"), three=read("1 2"))]
    plan = plan_of(group="strings", split="official, validation", against="network")
    rows = {row["metric"]: row for row in accuracy.rows_of(plan, worse, other)}
    row = rows["wer, more than network"]
    assert row["value"] == pytest.approx(1 / 6, abs=1e-4) and row["seeds"] == [0], (
        "the seed of both"
    )
    assert row["low"] < 0 < row["high"]
    assert "wer, more than network" not in {r["metric"] for r in accuracy.rows_of(plan, worse)}


def test_errors_belong_to_words_and_words_to_clips(embedded):
    for target, heard, errors in (
        ([1, 2, 3], [1, 2, 3], [0, 0, 0]),
        ([1, 2, 3], [1, 5, 3], [0, 1, 0]),
        ([1, 2, 3], [1, 3], [0, 1, 0]),
        ([1, 2, 3], [1, 2, 3, 3, 3], [0, 0, 2]),
        ([1, 2], [], [1, 1]),
    ):
        assert trainings.errors_of_words(target, heard).tolist() == errors
    said = connected_digits.compose(embedded, 20, seed=0)
    lengths = {
        f"{speaker} {digit} {len(waveform)}"
        for speaker, digit, waveform in zip(embedded.speakers, embedded.labels, embedded.waveforms)
    }
    names = trainings.clips_of(said)
    assert {name for string in names for name in string} <= lengths
    assert [len(string) for string in names] == [len(target) for target in said.targets]


def test_runs_are_kept_and_taken_up_again(course, monkeypatch, embedded):
    some = embedded.select(np.isin(embedded.speakers, np.unique(embedded.speakers)[:2]))
    learned = []

    def learn(recipe, train, seed):
        learned.append((recipe, seed))
        if len(learned) == 3:
            raise KeyboardInterrupt
        return trainings.Trained(lambda test: {"correct": 1, "clips": len(test)}, 7)

    monkeypatch.setattr(trainings, "learn", learn)
    monkeypatch.setattr(trainings.corpora, "load_digits", lambda name: some)
    plan = plan_of(every_seed=True, timed=True)
    with pytest.raises(KeyboardInterrupt):
        trainings.measure([plan], [3, 4], store=True, resume=False)
    assert not any(plan.owns(row) for row in rows.read(course / "RESULTS_FILE.json")), "not yet"
    trainings.measure([plan], [3, 4], store=True, resume=True)
    assert [seed for _, seed in learned] == [3, 3, 4, 4, 4], "two are not made twice"
    found = [row for row in rows.read(course / "RESULTS_FILE.json") if plan.owns(row)]
    assert [row["metric"] for row in found] == ["accuracy"] * 3 + ["time a clip"]
    assert found[0]["seeds"] == [3, 4] and found[3]["unit"] == "ms"

    runs = rows.read(course / "RUNS_FILE.json")
    rows.write(course / "RUNS_FILE.json", [run | {"recipe_hash": "old"} for run in runs])
    trainings.measure([plan], [3, 4], store=False, resume=True)
    assert len(learned) == 5 + 4, "runs of another recipe are no use"


def test_new_rows_stand_where_the_old_ones_stood():
    old = [{"group": name, "value": value} for name, value in (("a", 1), ("b", 2), ("a", 3))]
    new = [{"group": "a", "value": 4}]
    of_a = {"group": "a"}.items().__le__
    assert rows.put(old, new, lambda row: of_a(row.items())) == [new[0], old[1]]
    assert rows.put(old[1:2], new, lambda row: of_a(row.items())) == [old[1], new[0]]


def test_a_field_that_no_row_has_is_refused():
    with pytest.raises(ValueError, match="no field metrik"):
        rows.row(metrik="accuracy")


def test_a_table_shows_shares_in_per_cent_and_other_numbers_with_their_unit():
    share = rows.row(model="a", metric="wer", value=0.123, unit="fraction", low=0.1, high=0.2)
    lines = rows.table([share, rows.row(model="b", metric="time a clip", value=2.5, unit="ms")])
    assert "12.30 %  10.0-20.0 %" in lines and "2.5 ms" in lines


# ---------------------------------------------------------------- who teaches and who tests


def test_the_recipe_for_synthetic_voices_is_chosen_without_the_voices_that_test_it(embedded):
    tested, chosen = folds.quarters(embedded), folds.inner_quarters(embedded)
    assert sum(len(test) for _, (_, test) in tested) == len(embedded)
    for (_, final), (_, inner) in zip(tested, chosen, strict=True):
        teach, validate, test = (set(part.speakers) for part in (*inner, final.test))
        assert not teach & validate and not (teach | validate) & test
        assert teach | validate == set(final.train.speakers)


def test_choices_for_known_voices_are_made_on_the_side_that_teaches(fsdd):
    train, test = corpora.official_split(fsdd)
    for choose in (folds.last_takes, folds.thirds):
        for _, (teach, validate) in choose(fsdd):
            takes = set(teach.takes), set(validate.takes), set(test.takes)
            assert not takes[0] & takes[1] and not (takes[0] | takes[1]) & takes[2]
            assert takes[0] | takes[1] == set(train.takes)
    assert sum(len(split.test) for _, split in folds.thirds(fsdd)) == len(train)


def test_pairs_of_speakers_are_apart(fsdd):
    pairs = [set(split.test.speakers) for _, split in folds.speaker_pairs(fsdd)]
    assert set.union(*pairs) == set(fsdd.speakers) and sum(map(len, pairs)) == 6
    for _, (teach, validate) in folds.speaker_pairs(fsdd):
        assert not set(teach.speakers) & set(validate.speakers)


def test_close_results_have_every_seed():
    assert set(plans.CLOSE) <= set(plans.ABLATION) <= set(plans.ALL_RECIPES)
    assert {plan.model for plan in PLANS if plan.group == "ablation" and plan.every_seed} == set(
        plans.CLOSE
    )


# ---------------------------------------------------------------- chapter 04's recognisers


@pytest.mark.slow
def test_the_recognisers_are_the_chapters(embedded):
    some = embedded.select(np.isin(embedded.speakers, np.unique(embedded.speakers)[:2]))
    train, test = some.select(some.takes < 2), some.select(some.takes == 2)
    here = baselines.chapter()
    assert list(here.METHODS) == list(baselines.METHODS)
    with threadpool_limits(limits=1):
        for method, predict in here.METHODS.items():
            found = baselines.fit(f"{baselines.CHAPTER}, {method}", train)
            chapters = predict(here.describe(train), here.describe(test))
            np.testing.assert_array_equal(found.predict(test), chapters, err_msg=method)
            assert (chapters == test.labels).mean() > 0.5 and found.parameters > 1000


def test_nothing_of_the_chapter_runs_but_its_definitions():
    defined = vars(baselines.chapter())
    assert "predict_hmm" in defined and "train_hmm" in defined
    assert not {"corpus", "plt", "explore", "predictions"} & set(defined)


def test_a_methods_hash_is_that_of_its_code_without_words(monkeypatch):
    svm, hmm = (f"{baselines.CHAPTER}, {name}" for name in ("SVM", "GMM-HMM"))
    fingerprint = baselines.method_hash.__wrapped__
    before = [fingerprint(method, "fsdd") for method in (svm, hmm)]
    assert before[0] != before[1] != fingerprint(hmm, "embedded")

    def change(name, old, new):
        statement = baselines.ast.unparse(baselines.statements()[name])
        assert old in statement
        changed = baselines.ast.parse(statement.replace(old, new)).body[0]
        monkeypatch.setitem(baselines.statements(), name, changed)

    change("pool", "Mean and deviation", "Both moments")
    assert fingerprint(svm, "fsdd") == before[0]
    change("pool", ".std(", ".max(")
    assert fingerprint(svm, "fsdd") != before[0]
    assert fingerprint(hmm, "fsdd") == before[1], "a hidden Markov model pools nothing"
    change("STATES", "5", "6")
    assert fingerprint(hmm, "fsdd") != before[1]


# ---------------------------------------------------------------- words by more voices


@pytest.mark.slow
def test_no_voice_that_tests_words_teaches_them():
    data = more_voices.word_vectors.clips()
    for taught, n_voices in (("12 voices", 12), ("61 voices", 61)):
        parts = more_voices.learned_from(taught)
        speakers = np.concatenate([part.speakers for part in parts])
        assert len(set(speakers)) == n_voices and not set(speakers) & set(data.test_voices)
        counts = dict(zip(*np.unique(speakers, return_counts=True), strict=True))
        assert counts["rms"] == 3 * counts["linda"] == 3 * 3 * 75, "three takes, three times"
        if taught == "61 voices":
            assert counts["af_kore"] == 3 * counts["shelby"] == 3 * 75
    of_test = np.isin(data.corpus.speakers, data.test_voices)
    assert not (data.training(3) & of_test).any() and data.corpus.takes[data.training(3)].max() == 2


def test_a_blurred_band_hears_its_neighbours_and_nothing_is_lost():
    rng = np.random.default_rng(0)
    mel = np.zeros((200, 2, 6), np.float32)
    mel[:, 0, 3], mel[:, 1, 0] = 1, 1  # in the middle, and at an end
    blurred = more_voices.word_vectors.blurred(mel, rng, 0.25)
    np.testing.assert_allclose(blurred.sum(axis=-1), 1, atol=1e-6)
    inner, share = blurred[:, 0], blurred[:, 0, 2]
    np.testing.assert_allclose(inner[:, 4], share)
    np.testing.assert_allclose(inner[:, 3], 1 - 2 * share, atol=1e-6)
    assert not inner[:, [0, 1, 5]].any() and 0 <= share.min() < 0.02 < 0.23 < share.max() <= 0.25
    np.testing.assert_allclose(blurred[:, 1, 1], share, err_msg="one share a clip")
    np.testing.assert_array_equal(more_voices.word_vectors.blurred(mel, rng, 0.0), mel)


@pytest.mark.slow
def test_the_harder_training_mixes_clips_of_the_same_voices():
    parts = [part.select(np.arange(64)) for part in more_voices.learned_from("61 voices")[-2:]]
    drawn = harder_words.Harder(parts, 75, 0)
    batches = drawn.draw()
    assert len(batches) == len(drawn) == 2
    for made, targets in batches:
        assert made.shape == (64, harder_words.word_vectors.FRAMES, 40) and np.isfinite(made).all()
        np.testing.assert_allclose(targets.sum(axis=1), 1, atol=1e-6)
        assert ((targets > 0).sum(axis=1) <= 2).all() and (targets.max(axis=1) >= 0.5).all()
    assert any((targets.max(axis=1) < 0.99).any() for _, targets in batches), "some are mixed"
    assert not np.array_equal(batches[0][0], drawn.draw()[0][0]), "each epoch anew"


def test_three_networks_hear_together_by_the_mean_of_what_they_say(monkeypatch, tmp_path):
    monkeypatch.setattr(harder_words, "kept", lambda seed: tmp_path / f"{seed}.npz")
    monkeypatch.setattr(harder_words, "shares_right", lambda clips, real: {"all": float(clips[0])})
    trained: list[int] = []

    def learn(seed: int) -> None:
        trained.append(seed)
        answer = np.array([[8.0, 1, 0, 2, 5, 2, 4, 9, 8][seed]])
        np.savez(tmp_path / f"{seed}.npz", clips=answer, real=answer)

    monkeypatch.setattr(harder_words, "learn", learn)
    rows = {row["model"]: row for row in harder_words.measure()}
    assert trained == list(harder_words.SEEDS) == list(range(9))
    one, three = rows[harder_words.ONE], rows[harder_words.MEAN]
    assert [one[name] for name in ("value", "low", "high")] == pytest.approx([39 / 9, 0, 9])
    assert [three[name] for name in ("value", "low", "high")] == pytest.approx([39 / 9, 3, 7])
    harder_words.measure()
    assert len(trained) == 9, "what is kept is not trained again"


# ---------------------------------------------------------------- ideas


def test_three_speeds_change_length_and_pitch(embedded):
    tone = np.sin(2 * np.pi * 500 * np.arange(8000) / 8000).astype(np.float32)
    clip = replace(embedded.select(np.array([3])), waveforms=(tone,))
    thrice = ideas.ThreeSpeeds().corpus(clip)
    np.testing.assert_array_equal(thrice.labels, np.repeat(clip.labels, 3))
    for waveform, speed in zip(thrice.waveforms, (1, 0.9, 1.1), strict=True):
        assert len(waveform) == pytest.approx(8000 / speed, abs=2)
        peak = np.abs(np.fft.rfft(waveform, 80_000)).argmax() / 10
        assert peak == pytest.approx(500 * speed, abs=2), "a faster clip is a higher one"


def test_a_random_filter_is_one_gain_for_each_frequency_of_a_clip(embedded):
    spectra = spectra_of(embedded.select(np.arange(20) * 10))
    idea = ideas.RandomFilters()
    filtered = idea.filtered(spectra, np.random.default_rng(0))
    gain = filtered.power / np.maximum(spectra.power, 1e-30)
    gain = 10 * np.log10(np.where(spectra.power > 1e-20, gain, np.nan))
    assert np.nanstd(gain, axis=1).max() < 1e-3, "the same in every frame"
    assert 3 < np.nanmean(gain, axis=1).std() < 7, "and other clips are filtered otherwise"

    def batches(idea):
        plain = training.AugmentedClips(spectra, 0, spectra, NO_AUGMENTATION, batch_size=30)
        clips = idea.clips(plain)
        assert len(clips) == 1
        (features_of_batch, _), *_ = clips.draw()
        assert plain.spectra is plain.extra is spectra, "each epoch begins with the clean clips"
        return np.sort(features_of_batch, axis=0)  # in any order

    nothing = ideas.Idea()
    assert np.ptp(batches(nothing) - batches(idea)) > 0.5, "what remains of a filter below 50 dB"


def test_averaged_weights_are_an_exponential_mean():
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, use_bias=False)])
    (callback,) = ideas.AveragedWeights(0.9).callbacks()
    callback.set_model(model)
    model.set_weights([np.zeros((1, 1))])
    callback.on_train_begin()
    for step in (1.0, 2.0, 3.0):
        model.set_weights([np.full((1, 1), step)])
        callback.on_train_batch_end(0)
    callback.on_train_end()
    expected = 0.1 * (0.9**2 * 1 + 0.9 * 2 + 3)
    np.testing.assert_allclose(model.get_weights()[0], expected, rtol=1e-6)


def test_a_band_is_divided_by_its_deviation():
    inputs = keras.Input((50, 3))
    model = ideas.VarianceNormalised().network(keras.Model(inputs, keras.layers.ReLU()(inputs)))
    clip = np.abs(np.random.default_rng(0).normal(size=(1, 50, 3)) * [1, 10, 100])
    np.testing.assert_allclose(np.std(model(clip), axis=1), 1, rtol=0.01)


def test_a_two_sided_network_looks_ahead_by_half_and_is_as_long():
    inputs = keras.Input((None, 1))
    padded = keras.layers.ZeroPadding1D((8, 0))(inputs)
    causal = keras.Model(inputs, keras.layers.AveragePooling1D(9, strides=1)(padded))
    click = np.zeros((1, 30, 1), np.float32)
    click[0, 15] = 9
    heard = [np.flatnonzero(model(click)) for model in (causal, ideas.TwoSided().network(causal))]
    assert heard[0][0] == 15 and heard[1][0] == 11, "four frames earlier"
    assert len(heard[0]) == len(heard[1]) == 9


def strings_of(embedded, idea):
    """One batch of an idea, and the same strings as they are."""
    some = spectra_of(embedded.select(embedded.takes == 0), STREAM_FRONT_END)
    batches = []
    for change in (ideas.Idea(), idea):
        clips = change.clips(ctc.ConnectedDigitClips(some, seed=0, batch_size=8))
        if change is idea:
            assert len(clips) == len(clips.plain)
        batches.append(clips.draw()[0])
    (plain, other) = batches
    np.testing.assert_array_equal(plain[0], other[0])
    return plain[0], plain[1], other[1]


def test_padding_that_counts_as_sound_changes_lengths_alone(embedded):
    features, plain, padded = strings_of(embedded, ideas.PaddedLengths())
    assert (padded[:, 0] == features.shape[1] // 4).all() and (plain[:, 0] < padded[:, 0]).any()
    np.testing.assert_array_equal(plain[:, 1:], padded[:, 1:])


def test_labels_of_outputs_name_the_words_late(embedded):
    features, targets, now = strings_of(embedded, ideas.FrameLabels())
    *_, late = strings_of(embedded, ideas.FrameLabels(16))
    assert now.shape == late.shape == (len(features), features.shape[1] // 4)
    np.testing.assert_array_equal(now[:, :-4], late[:, 4:])
    for row, target in zip(now, targets):
        assert set(row) - {10} == set(target[1:][target[1:] >= 0]), "each word, and nothing"
    assert ideas.FrameLabels().loss(ctc.ctc_loss) is not ctc.ctc_loss


def test_short_runs_are_left_out():
    table = np.eye(11)[[10, 6, 7, 7, 7, 10, 7, 7, 7, 3, 3, 10]]
    assert ideas.read_runs(table, 1).tolist() == [6, 7, 7, 3]
    assert ideas.read_runs(table, 2).tolist() == [7, 7, 3]
    assert ideas.read_runs(table, 3).tolist() == [7, 7]


# ---------------------------------------------------------------- compression


def compressed_runs() -> list[dict]:
    """What two pairs of speakers would leave, with ten clips a speaker."""
    runs = []
    for seed, pair in enumerate((("anna", "ben"), ("cleo", "dan"))):
        right = {
            "large": dict.fromkeys(pair, 9),
            "tiny": dict.fromkeys(pair, 6 + 2 * seed),
            "tiny, trained on, 4 bits": dict.fromkeys(pair, 7),
            "tiny, 4 bits, quantisation-aware": dict.fromkeys(pair, 8),
            "large, half the filters": dict(zip(pair, (1, 3))),
            "tiny, int8 file": dict.fromkeys(pair, 7),
        }
        about = {"same": 0.99, "size": 8000, "parameters": {"large": 400, "tiny": 100}}
        runs.append({"right": right, "clips": dict.fromkeys(pair, 10), "seed": seed, **about})
    return runs


def test_rows_of_compressed_networks():
    found = {(r["model"], r["metric"]): r for r in compression.rows_of(compressed_runs())}
    tiny = found["tiny", "accuracy"]
    assert (tiny["value"], tiny["seeds"], tiny["parameters"]) == (0.7, [0, 1], 100)
    half = found["large, half the filters", "accuracy"]
    assert (half["value"], half["parameters"]) == (0.2, 100) and half["low"] < 0.2 < half["high"]
    assert found["large, half the filters", "accuracy gained against tiny"]["value"] == -50
    assert found["large, half the filters", "accuracy gained against large"]["value"] == -70
    aware = "tiny, 4 bits, quantisation-aware"
    assert found[aware, "accuracy gained against tiny, trained on, 4 bits"]["value"] == 10
    assert found["tiny, int8 file", "accuracy"]["size_bytes"] == 8000
    assert found["tiny, int8 file", "share of equal decisions"]["value"] == 0.99


def test_rows_of_eight_bits():
    """Two speakers, two seeds: ten clips each, one more of them lost by the file with one seed."""
    runs = [
        {
            **{"part": part, "seed": seed, "clips": 10, "size": 900, "parameters": 70},
            **{"float": {"": right}, "int8": {"": right - seed}, "same": {"": 10 - 2 * seed}},
        }
        for part, right in (("anna", 9), ("ben", 5))
        for seed in (0, 1)
    ]
    found = {(r["model"], r["metric"]): r for r in eight_bits.rows_of(runs)}
    network, file = eight_bits.MODEL, f"{eight_bits.MODEL}, int8 file"
    assert found[network, "accuracy"]["value"] == 0.7
    assert found[network, "accuracy"]["low"] == 0.5, "the speakers are drawn, not the clips"
    assert found[network, "accuracy of the lowest speaker"]["value"] == 0.5
    assert found[file, "accuracy"]["value"] == 0.65 and found[file, "accuracy"]["size_bytes"] == 900
    assert found[file, "points lost by eight bits"]["value"] == 5
    assert found[file, "share of equal decisions"]["value"] == 0.9


def robust_runs() -> list[dict]:
    """What two remedies on two pairs of speakers would leave."""
    conditions = ["clean", *(name for kind in robustness.KINDS.values() for name in kind)]
    full, runs = 10 * robustness.TEST_TAKES, []
    for seed, pair in enumerate((("anna", "ben"), ("cleo", "dan"))):
        for name, share in (("none", 0.5), ("L2", 0.6 + 0.1 * seed)):
            counts = dict.fromkeys(pair, round(share * full))
            right = dict.fromkeys(conditions, counts)
            voices = {who: 80 if sex == "male" else 40 for who, sex in robustness.sex_of().items()}
            about = {"kind": "remedy", "name": name, "seed": seed, "seconds": 2.0}
            runs.append({**about, "right": right, "voices": voices, "parameters": 9})
    return [runs[0], runs[2], runs[1], runs[3]]


def test_rows_of_remedies():
    found = {(r["model"], r["metric"], r["split"]): r for r in robustness.rows_of(robust_runs())}
    clean = f"{robustness.SPLIT}, clean"
    assert found["none", "accuracy", clean]["value"] == 0.5
    assert found["L2", "accuracy", clean]["seeds"] == [0, 1]
    gained = found["L2", "points gained against none", clean]
    assert gained["value"] == 15 and 10 <= gained["low"] < 15 < gained["high"] <= 20
    assert found["none", "accuracy", "synthetic voices, female"]["value"] == 0.5
    assert found["none", "accuracy", "synthetic voices, male"]["value"] == 1.0
    one = robustness.rows_of(robust_runs()[:3])  # L2 with one training: compared with its own
    gained = {(r["model"], r["metric"], r["split"]): r for r in one}
    assert gained["L2", "points gained against none", clean]["value"] == 10


def test_rows_of_fairness():
    sex, runs = robustness.sex_of(), []
    for name, women in (("none", 40), ("as many women", 60)):
        for seed in (0, 1):
            voices = {who: women if sex[who] == "female" else 64 + 8 * seed for who in sex}
            runs.append(
                {"name": name, "seed": seed, "voices": voices, "seconds": 1, "parameters": 9}
            )
    found = {(r["model"], r["metric"], r["split"]): r for r in fairness.rows_of(runs)}
    assert found["as many women", "accuracy", "synthetic voices, male"]["value"] == 0.85
    assert ("none", "accuracy", "synthetic voices, male") not in found, "robustness has it"
    gap = found["none", "gap, men less women", "synthetic voices"]
    assert gap["value"] == pytest.approx(35) == gap["low"], "nothing varies within a group"
    closed = found["as many women", "gap closed against none", "synthetic voices"]
    assert closed["value"] == pytest.approx(25) and closed["seeds"] == [0, 1]
    assert ("none", "gap closed against none", "synthetic voices") not in found


def test_rows_of_codecs():
    runs = [
        {
            **{"name": "SVM", "seed": seed, "parameters": 9, "seconds": 2.0},
            "right": {"clean": dict.fromkeys(pair, 150), "GSM": dict.fromkeys(pair, 100 + seed)},
        }
        for seed, pair in enumerate((("anna", "ben"), ("cleo", "dan")))
    ]
    found = {row["split"]: row for row in speech_codecs.rows_of(runs)}
    assert found[f"{robustness.SPLIT}, no codec"]["value"] == 0.75
    row = found[f"{robustness.SPLIT}, GSM"]
    assert row["value"] == 100.5 / 200 and row["low"] < row["value"] < row["high"]
    assert row["seeds"] == [0, 1]


# ---------------------------------------------------------------- calibration, backends


def calibrated_runs(temperature: float) -> list[dict]:
    """Logits whose softmax at a temperature is the probability that they are right."""
    runs, rng = [], np.random.default_rng(0)
    for seed in range(3):
        z = rng.normal(size=(1400, 10)) * 2
        p = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
        labels = (p.cumsum(axis=1) < rng.random((1400, 1))).sum(axis=1).clip(0, 9)
        of = {"logits": (z * temperature).tolist(), "labels": labels.tolist()}
        new = {name: values[:1000] for name, values in of.items()}
        known = {name: values[1000:] for name, values in of.items()}
        speakers = [f"{seed} {'ab'[i // 500]}" for i in range(1000)]
        about = {"seed": seed, "parameters": 9, "speakers": speakers}
        runs.append({**about, "known": known, "new": new})
    return runs


def test_rows_of_calibration(monkeypatch):
    monkeypatch.setattr(calibration, "DRAWS", 20)
    runs = calibrated_runs(0.4)
    made = calibration.rows_of(runs)
    found = {(r["model"].partition(": ")[2], r["metric"], r["split"]): r for r in made}
    assert len(found) == len(made)
    for choice in calibration.CHOICES[1:]:
        t = found[choice, "temperature", "new voices, mean of six"]
        assert t["value"] == pytest.approx(0.4, abs=0.05)
        error = found[choice, calibration.METRIC, "new voices, together"]
        assert error["value"] < 0.03 and error["low"] <= error["value"]
    plain = found["none", calibration.METRIC, "new voices, together"]["value"]
    unsure = found["none", "confidence less accuracy", "new voices, together"]["value"]
    assert plain > 0.1 and unsure < -0.1
    by_chance = f"{calibration.METRIC} by chance"
    chance = found["five new voices", by_chance, "new voices, mean of six"]
    assert 0 < chance["low"] < chance["value"] < 0.06


def test_a_voice_never_chooses_its_own_temperature():
    runs = calibrated_runs(0.4)
    before = {c: calibration.temperatures(runs, c) for c in calibration.CHOICES}
    voice = np.array(runs[1]["speakers"]) == "1 b"
    labels = np.array(runs[1]["new"]["labels"])
    runs[1]["new"]["labels"] = np.where(voice, (labels + 1) % 10, labels).tolist()
    after = {c: calibration.temperatures(runs, c) for c in calibration.CHOICES}
    for choice in calibration.CHOICES:
        assert before[choice]["1 b"] == after[choice]["1 b"]
    assert before["one new voice"]["1 a"] != after["one new voice"]["1 a"]
    assert before["five new voices"]["0 a"] != after["five new voices"]["0 a"]


def test_rows_of_backends():
    first, other = {}, {}
    for name in backends.NETWORKS:
        logits = np.eye(10)[:4]
        first |= {f"{name} logits": logits, f"{name} seconds": 0.1, f"{name} weights 0": logits}
        other |= {f"{name} logits": logits + 1e-5, f"{name} seconds": 0.2}
        other[f"{name} weights 0"] = logits
    made = backends.rows_of(
        {"tensorflow": first, "torch": other}, {"tensorflow": "2", "torch": "3"}
    )
    found = {(r["model"], r["split"], r["metric"]): r["value"] for r in made}
    name = backends.NETWORKS[0]
    assert found[name, "torch 3", "largest difference of a logit"] == pytest.approx(1e-5)
    assert found[name, "torch 3", "arrays of weights that differ"] == 0
    assert found[name, "torch 3", "share of equal answers"] == 1
    assert found[name, "torch 3", "processor time a clip"] == 50
    with pytest.raises(SystemExit, match="not installed"):
        backends.BACKENDS["none"] = ("no-such-package",)
        try:
            backends.version_of("none")
        finally:
            del backends.BACKENDS["none"]


def test_filters_and_zeros_are_taken_out_as_the_chapter_does_it():
    here, network = compression.chapter(), models.digit_network(98, 40, filters=(4, 4, 6, 6, 8))
    clip = np.random.default_rng(0).normal(size=(1, 98, 40)).astype(np.float32)
    assert np.allclose(here.fewer_filters(network, (4, 4, 6, 6, 8))(clip), network(clip), atol=1e-6)
    assert here.fewer_filters(network, (2, 2, 3, 3, 4)).count_params() < network.count_params() / 2
    zeros = [
        np.mean(np.asarray(kernel) == 0) for kernel in here.kernels_of(here.prune(network, 0.8))
    ]
    assert min(zeros) > 0.75
    rounded = here.Rounded(network, 8)(clip)
    assert 0 < np.abs(rounded - network(clip)).max() < 0.1


def test_chapter_06_trains_its_layers_as_their_rows_do():
    book = nbformat.read(ROOT / "notebooks" / f"{recurrent_layers.CHAPTER}.ipynb", 4)
    code = "\n".join(cell.source for cell in book.cells if cell.cell_type == "code")
    for call in (
        f"fit_quickly(model, padded, every_other.labels, epochs={recurrent_layers.MASK_EPOCHS})",
        f"fit_quickly(small, fed, every_other.labels, epochs={recurrent_layers.FEED_EPOCHS})",
        *("last_state_network(layer_class(48)", "last_state_network(layers.GRU(48)"),
    ):
        assert code.count(call) == 1
