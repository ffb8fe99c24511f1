"""Training: data that is refused, batches, the reference network."""

import gc
import weakref

from course_utils import models, training
from course_utils.setup import quiet_tensorflow
from course_utils.augmentation import spectra_of
from course_utils.training import check_data

import numpy as np
import pytest

GOOD = np.zeros((4, 98, 40)), np.array([0, 1, 2, 3])


@pytest.mark.parametrize(
    ("features", "labels", "reason"),
    [
        (np.zeros((0, 98, 40)), np.zeros(0, int), "no clip"),
        (GOOD[0], np.array([0, 1]), r"labels of shape \(4,\) expected, given \(2,\)"),
        (GOOD[0], np.array([0, 1, 2, 10]), "must lie in 0 … 9; given 0 … 10"),
        (GOOD[0], np.array([-1, 1, 2, 3]), "given -1 … 3"),
        (GOOD[0], np.array([5, 5, 5, 5]), "every clip has the label 5"),
        (np.full((4, 98, 40), np.nan), GOOD[1], "NaN"),
        (np.zeros((4, 98)), GOOD[1], r"\(clips, frames, bands\) expected, given \(4, 98\)"),
    ],
)
def test_bad_data_is_refused(features, labels, reason):
    with pytest.raises(ValueError, match=reason):
        check_data(features, labels, 10)


def test_good_data_passes():
    check_data(*GOOD, 10)


def test_batches_hold_every_clip_and_change_with_the_epoch(embedded):
    clips = embedded.select(np.arange(128))
    spectra = spectra_of(clips.waveforms)
    labels = np.arange(128) % 10
    batches = training.AugmentedClips(spectra, labels, seed=0, mix=False, batch_size=32)
    assert len(batches) == 4 and batches[0][0].shape == (32, 98, 40)
    targets = np.concatenate([batches[i][1] for i in range(4)])
    np.testing.assert_array_equal(targets.sum(axis=0), np.bincount(labels))
    before = batches[0][0].copy()
    batches.on_epoch_end()
    assert not np.array_equal(before, batches[0][0])
    more = training.AugmentedClips(spectra, labels, 0, extra=(spectra, labels), batch_size=32)
    assert len(more) == 6


def test_the_reference_network_learns_and_comes_back(embedded, tmp_path):
    import keras

    clips = embedded.select((embedded.labels < 2) & (embedded.takes < 4))
    training.set_seed(0)
    model = models.digit_network(98, 40, n_classes=2)
    batches = training.AugmentedClips(
        spectra_of(clips.waveforms), clips.labels, seed=0, n_classes=2, mix=False
    )
    history = training.train(model, batches, epochs=6, progress=False)
    assert history.history["accuracy"][-1] > 0.9
    model.save(tmp_path / "model.keras")
    restored = keras.models.load_model(tmp_path / "model.keras")
    probe = np.random.default_rng(0).normal(size=(3, 98, 40)).astype(np.float32)
    np.testing.assert_allclose(restored(probe), model(probe), atol=1e-5)
    probabilities = training.predict(model, probe)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-5)


def test_clips_are_let_go_after_the_training(embedded):
    clips = embedded.select(np.arange(64))
    batches = training.AugmentedClips(spectra_of(clips.waveforms), np.arange(64) % 10, seed=0)
    training.train(models.small_digit_network(98, 40), batches, epochs=1, progress=False)
    kept = weakref.ref(batches)
    del batches
    gc.collect()
    assert kept() is None, "TensorFlow keeps what it was given: give it something to be emptied"


def test_time_budget_stops_training(embedded):
    clips = embedded.select(np.arange(64))
    batches = training.AugmentedClips(
        spectra_of(clips.waveforms), np.arange(64) % 10, seed=0, mix=False
    )
    history = training.train(
        models.small_digit_network(98, 40),
        batches,
        epochs=50,
        progress=False,
        callbacks=[training.TimeBudget(0)],
    )
    assert len(history.epoch) == 1


def test_keras_trains_without_the_autotuner_that_stalls(monkeypatch):
    import keras

    seen, iterate = [], start_tensorflow._iterate

    def watched(dataset):
        seen.append(dataset.options().autotune.enabled)
        return iterate(dataset)

    monkeypatch.setattr(start_tensorflow, "_iterate", watched)
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)])
    model.compile(loss="mse")
    model.fit(np.zeros((8, 4)), np.zeros((8, 2)), epochs=2, verbose=0)
    model.predict(np.zeros((8, 4)), verbose=0)
    assert set(seen) == {False}, "Keras no longer iterates where start_tensorflow expects it"


@pytest.mark.parametrize("build", [models.digit_network, models.recurrent_network])
def test_networks_are_small_and_give_logits(build):
    model = build(98, 40)
    assert model.count_params() < 150_000
    logits = model(np.random.default_rng(0).normal(size=(2, 98, 40)).astype(np.float32))
    assert logits.shape == (2, 10) and np.asarray(logits).min() < 0
