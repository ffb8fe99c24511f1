"""The benchmark: what its rows are made of, and the ideas that only its ablation has."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "benchmarks"))

import numpy as np
import pytest
import run
from scipy.stats import binomtest


def one_run(seed, part, correct, parts=2):
    return {
        "group": "unknown",
        "model": "network",
        "corpus": "fsdd",
        "split": run.MEAN_OF_SIX,
        "part": part,
        "parts": parts,
        "seed": seed,
        "correct": correct,
        "clips": 100,
        "parameters": 7,
        "train_seconds": 10.0 + seed,
        "train_cpu_seconds": 8.0 + 2 * seed,
    }


def test_a_mean_counts_whole_seeds_and_each_clip_once():
    runs = [one_run(0, "a", 90), one_run(0, "b", 80), one_run(1, "a", 94), one_run(1, "b", 84)]
    unfinished = one_run(2, "a", 0)
    rows = {row["split"]: row for row in run.rows_of("unknown", [*runs, unfinished])}
    mean = rows[run.MEAN_OF_SIX]
    assert mean["value"] == pytest.approx(0.87) and mean["seeds"] == [0, 1]
    assert (mean["train_seconds"], mean["train_cpu_seconds"]) == (10.0, 9.0)
    wilson = binomtest(174, 200).proportion_ci(method="wilson")  # 200 clips, not 400
    assert (mean["low"], mean["high"]) == pytest.approx((wilson.low, wilson.high), abs=1e-4)
    assert rows["unknown:a"]["seeds"] == [0, 1, 2], "a speaker's own row has every run"
    assert rows["unknown:b"]["value"] == pytest.approx(0.82)


def test_three_speeds_change_length_and_pitch(embedded):
    tone = np.sin(2 * np.pi * 500 * np.arange(8000) / 8000).astype(np.float32)
    clip = run.replace(embedded.select(np.array([3])), waveforms=(tone,))
    thrice = run.at_three_speeds(clip)
    np.testing.assert_array_equal(thrice.labels, np.repeat(clip.labels, 3))
    for waveform, speed in zip(thrice.waveforms, (1, 0.9, 1.1), strict=True):
        assert len(waveform) == pytest.approx(8000 / speed, abs=2)
        peak = np.abs(np.fft.rfft(waveform, 80_000)).argmax() / 10
        assert peak == pytest.approx(500 * speed, abs=2), "a faster clip is a higher one"


def test_a_random_filter_is_one_gain_for_each_frequency_of_a_clip(embedded):
    spectra = run.spectra_of(embedded.waveforms[:20])
    rng = np.random.default_rng(0)
    gain = run.through_microphones(spectra, rng).power / np.maximum(spectra.power, 1e-30)
    gain = 10 * np.log10(np.where(spectra.power > 1e-20, gain, np.nan))
    assert np.nanstd(gain, axis=1).max() < 1e-3, "the same in every frame"
    assert 3 < np.nanmean(gain, axis=1).std() < 7, "and other clips are filtered otherwise"

    nothing = dict.fromkeys("throat tempo noise masks mix".split(), False)
    plain, filtered = (
        kind(spectra, embedded.labels[:20], 0, **nothing)
        for kind in (run.training.AugmentedClips, run.FilteredClips)
    )
    assert filtered.spectra is spectra, "each epoch begins with the clean clips"
    inputs = [np.sort(clips.features, axis=0) for clips in (plain, filtered)]  # in any order
    assert np.ptp(inputs[0] - inputs[1]) > 0.5, "what remains of a filter below 50 dB"


def test_averaged_weights_are_an_exponential_mean():
    import keras

    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, use_bias=False)])
    callback = run.AveragedWeights(0.9)
    callback.set_model(model)
    model.set_weights([np.zeros((1, 1))])
    callback.on_train_begin()
    for step in (1.0, 2.0, 3.0):
        model.set_weights([np.full((1, 1), step)])
        callback.on_train_batch_end(0)
    callback.on_train_end()
    expected = 0.1 * (0.9**2 * 1 + 0.9 * 2 + 3)
    np.testing.assert_allclose(model.get_weights()[0], expected, rtol=1e-6)


def test_the_embedded_recipe_is_chosen_without_the_voices_that_test_it(embedded, monkeypatch):
    def groups_of(group):
        found = {}
        seen = lambda record, model, fit, folds, *_: found.setdefault(model, folds)  # noqa: E731
        monkeypatch.setattr(run, "measure", seen)
        monkeypatch.setattr(run, "embedded_corpus", lambda: embedded)
        run.GROUPS[group](None, [0])
        return found

    tested = groups_of("embedded")["digit_network"]
    chosen = groups_of("embedded-validation")
    assert list(chosen) == list(run.EMBEDDED_CHOICES)
    assert sum(len(test) for _, (_, test) in tested) == len(embedded)
    for (_, final), (_, inner) in zip(tested, chosen["digit_network"], strict=True):
        teach, validate, test = (set(part.speakers) for part in (*inner, final.test))
        assert not teach & validate and not (teach | validate) & test
        assert teach | validate == set(final.train.speakers)
