"""Training: what is refused, what is drawn, and what `train` does with it."""

import gc
import math
import weakref
from dataclasses import replace

from course_utils import models, training
from course_utils.augmentation import AUGMENTATION, NO_AUGMENTATION, spectra_of
from course_utils.features import FrontEnd, network_input
from course_utils.training import AugmentedClips, check_data, train

import keras
import numpy as np
import pytest

# ---------------------------------------------------------------- data that is refused

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


# ---------------------------------------------------------------- clips, augmented


def test_batches_hold_every_clip_and_change_with_the_epoch(spectra, embedded):
    clips = AugmentedClips(spectra, seed=0, augmentation=NO_AUGMENTATION, batch_size=32)
    assert len(clips) == 4
    first, second = clips.draw(), clips.draw()
    assert [features.shape for features, _ in first] == [(32, 98, 40)] * 4
    for batches in (first, second):
        targets = np.concatenate([targets for _, targets in batches])
        np.testing.assert_array_equal(targets.sum(axis=0), np.bincount(spectra.labels))
    assert not np.array_equal(first[0][0], second[0][0])
    expected = network_input(embedded.select(np.flatnonzero(embedded.takes == 0)[:128]).waveforms)
    drawn, labels = (np.concatenate(parts) for parts in zip(*first))
    for clip, target in list(zip(drawn, labels))[::16]:
        difference = np.abs(expected - clip).max(axis=(1, 2))
        assert difference.min() < 1e-4
        assert target[spectra.labels[difference.argmin()]] == 1, "a clip keeps its own label"


def test_batches_follow_the_seed_and_are_mixed(spectra):
    first, again, other = (AugmentedClips(spectra, seed).draw() for seed in (3, 3, 4))
    for (a, b), (c, d) in zip(first, again, strict=True):
        np.testing.assert_array_equal(a, c)
        np.testing.assert_array_equal(b, d)
    assert not np.array_equal(first[0][0], other[0][0])
    targets = first[0][1]
    np.testing.assert_allclose(targets.sum(axis=1), 1, rtol=1e-5)
    assert ((targets > 0).sum(axis=1) == 2).any(), "two words in one clip"


def test_half_as_many_extra_clips_join(spectra):
    few = spectra.select(np.arange(20))
    for extra in (spectra, few):  # more than are needed, and fewer
        clips = AugmentedClips(spectra, 0, extra, augmentation=NO_AUGMENTATION, batch_size=32)
        assert len(clips) == 6
        assert sum(len(targets) for _, targets in clips.draw()) == 192


def test_fewer_clips_than_a_batch_are_one_batch(spectra):
    clips = AugmentedClips(spectra.select(np.arange(20)), seed=0, batch_size=64)
    assert len(clips) == 1
    ((features, targets),) = clips.draw()
    assert len(features) == len(targets) == 20


def test_extra_clips_of_another_front_end_are_refused(spectra, embedded):
    same_shape = spectra_of(embedded.select(np.arange(20)), FrontEnd(range_db=65.0))
    with pytest.raises(ValueError, match="clips were made by .*range_db=50.0.*range_db=65.0.*same"):
        AugmentedClips(spectra, seed=0, extra=same_shape)
    AugmentedClips(same_shape, seed=0, extra=same_shape)


def test_labels_outside_the_classes_are_refused(spectra):
    with pytest.raises(ValueError, match="must lie in 0 … 4; given 0 … 9"):
        AugmentedClips(spectra, seed=0, n_classes=5)


# ---------------------------------------------------------------- the learning rate


@pytest.mark.parametrize(("epochs", "batches"), [(10, 30), (7, 9)])
def test_the_learning_rate_rises_for_a_tenth_then_falls_along_a_cosine(epochs, batches):
    steps, peak = epochs * batches, 3e-3
    rate = training.learning_rates(epochs, batches, peak)
    warm = steps // 10

    def by_hand(step):
        if step < warm:
            return peak / 10 + (peak - peak / 10) * step / warm
        return peak / 2 * (1 + math.cos(math.pi * (step - warm) / (steps - warm)))

    middle = warm + (steps - warm) // 2
    for step in (0, warm // 2, warm, warm + 1, middle, steps - 1, steps):
        assert float(rate(step)) == pytest.approx(by_hand(step), rel=1e-4, abs=1e-8)
    assert float(rate(0)) == pytest.approx(3e-4) and float(rate(warm)) == pytest.approx(3e-3)
    assert float(rate(middle)) == pytest.approx(1.5e-3, rel=0.02)
    assert float(rate(steps)) == pytest.approx(0, abs=1e-9)


# ---------------------------------------------------------------- train


class Toy:
    """Clips of two classes that a line tells apart; counts how often it is drawn from."""

    def __init__(self, batches=3, seed=0):
        self.rng, self.batches, self.draws = np.random.default_rng(seed), batches, 0

    def __len__(self):
        return self.batches

    def draw(self):
        self.draws += 1
        return [self.some(8) for _ in range(self.batches)]

    def some(self, count):
        features = self.rng.normal(size=(count, 5, 3)).astype(np.float32)
        return features, np.eye(2, dtype=np.float32)[(features[:, 0, 0] > 0).astype(int)]


def toy_model():
    training.set_seed(0)
    inputs = keras.Input((5, 3))
    return keras.Model(inputs, keras.layers.Dense(2)(keras.layers.Flatten()(inputs)))


class Listener(keras.callbacks.Callback):
    """Notes what it is told, and the learning rate of each step."""

    def __init__(self):
        super().__init__()
        self.heard, self.rates, self.logs = [], [], []

    def on_train_begin(self, logs=None):
        self.heard.append(("begin", self.params["epochs"]))

    def on_epoch_begin(self, epoch, logs=None):
        self.heard.append(("epoch", epoch))

    def on_train_batch_end(self, batch, logs=None):
        self.heard.append(("batch", batch))
        self.rates.append(float(self.model.optimizer.learning_rate))

    def on_epoch_end(self, epoch, logs=None):
        self.heard.append(("epoch end", epoch))
        self.logs.append(dict(logs))

    def on_train_end(self, logs=None):
        self.heard.append(("end", None))


def test_callbacks_hear_of_every_step_and_epoch():
    listener, clips = Listener(), Toy(batches=2)
    history = train(toy_model(), clips, epochs=2, progress=False, callbacks=[listener])
    epoch = [("batch", 0), ("batch", 1)]
    assert listener.heard == [
        ("begin", 2),
        *[("epoch", 0), *epoch, ("epoch end", 0)],
        *[("epoch", 1), *epoch, ("epoch end", 1)],
        ("end", None),
    ]
    assert [logs["loss"] for logs in listener.logs] == history["loss"]
    assert clips.draws == 2, "each epoch is drawn once, and none that nobody trains on"


def test_each_step_has_the_learning_rate_of_the_schedule():
    listener = Listener()
    train(
        toy_model(), Toy(batches=6), epochs=5, peak_rate=0.01, progress=False, callbacks=[listener]
    )
    expected = training.learning_rates(5, 6, 0.01)
    assert listener.rates == pytest.approx([float(expected(step)) for step in range(1, 31)])
    assert len(set(listener.rates)) == 30


def test_the_optimizer_is_the_one_of_chapter_05():
    model = toy_model()
    train(model, Toy(), epochs=1, progress=False)
    optimizer = model.optimizer
    assert isinstance(optimizer, keras.optimizers.AdamW)
    assert (optimizer.weight_decay, optimizer.global_clipnorm) == (1e-3, 5.0)
    assert int(optimizer.iterations) == 3 and not model.jit_compile
    loss = training.SMOOTHED_CROSS_ENTROPY
    one, logits = np.array([[1.0, 0]]), np.array([[2.0, 0]])
    smooth = 0.95 * math.log(1 + math.exp(-2)) + 0.05 * math.log(1 + math.exp(2))
    assert float(loss(one, logits)) == pytest.approx(smooth, rel=1e-5)


def test_the_history_has_what_was_measured_in_each_epoch():
    clips, validation = Toy(), Toy(seed=1).some(50)
    assert set(train(toy_model(), clips, epochs=1, metrics=(), progress=False)) == {"loss"}
    model = toy_model()
    history = train(
        model, Toy(batches=10), epochs=4, peak_rate=0.1, progress=False, validation=validation
    )
    assert set(history) == {"loss", "accuracy", "val_loss", "val_accuracy"}
    assert {len(values) for values in history.values()} == {4}
    assert all(type(value) is float for values in history.values() for value in values)
    assert history["loss"][-1] < history["loss"][0] and history["val_accuracy"][-1] > 0.9
    logits = model(validation[0])
    assert history["val_loss"][-1] == pytest.approx(
        float(training.SMOOTHED_CROSS_ENTROPY(validation[1], logits)), rel=1e-4
    )


def test_the_loss_of_an_epoch_is_the_mean_over_its_clips():
    model, clips = toy_model(), Toy()
    history = train(model, clips, epochs=2, peak_rate=0.0, progress=False)  # nothing is learnt
    again = Toy()
    for epoch in range(2):
        features, targets = (np.concatenate(part) for part in zip(*again.draw()))
        loss = float(training.SMOOTHED_CROSS_ENTROPY(targets, model(features)))
        right = np.argmax(model(features), axis=1) == targets.argmax(axis=1)
        assert history["loss"][epoch] == pytest.approx(loss, rel=1e-4)
        assert history["accuracy"][epoch] == pytest.approx(right.mean())


def test_a_callback_can_stop_the_training():
    class Enough(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            self.model.stop_training = epoch == 1

    model = toy_model()
    history = train(model, Toy(), epochs=9, progress=False, callbacks=[Enough()])
    assert len(history["loss"]) == 2
    assert len(train(model, Toy(), epochs=3, progress=False)["loss"]) == 3, "the next one goes on"


def test_a_training_can_be_repeated():
    weights = []
    for _ in range(2):
        model = toy_model()
        train(model, Toy(), epochs=2, progress=False)
        weights.append(model.get_weights())
    for first, second in zip(*weights):
        np.testing.assert_array_equal(first, second)


def test_clips_are_let_go_after_the_training():
    clips = Toy()
    train(toy_model(), clips, epochs=2, progress=False, validation=clips.some(4))
    kept = weakref.ref(clips)
    del clips
    gc.collect()
    assert kept() is None, "something keeps what it was trained on"


def test_what_goes_wrong_while_an_epoch_is_drawn_is_told():
    class Broken(Toy):
        def draw(self):
            if self.draws == 1:
                raise ValueError("the second epoch cannot be drawn")
            return super().draw()

    with pytest.raises(ValueError, match="the second epoch cannot be drawn"):
        train(toy_model(), Broken(), epochs=3, progress=False)


def test_one_bar_shows_how_far_it_is(monkeypatch):
    class Bar:
        def __init__(self, **how):
            self.how, self.shown, self.steps, self.closed = how, [], 0, False
            bars.append(self)

        def set_postfix(self, values):
            self.shown.append(values)

        def update(self):
            self.steps += 1

        def close(self):
            self.closed = True

    bars = []
    monkeypatch.setattr(training, "tqdm", Bar)
    train(toy_model(), Toy(), epochs=2, validation=Toy().some(4))
    (bar,) = bars
    assert bar.how["total"] == bar.steps == 2 and bar.closed
    assert list(bar.shown[-1]) == ["loss", "acc", "val_loss", "val_acc"]
    train(toy_model(), Toy(), epochs=2, progress=False)
    assert len(bars) == 1


# ---------------------------------------------------------------- what does not fit together


def test_features_and_a_network_that_do_not_fit_are_refused(embedded):
    model = models.small_digit_network(98, 40)
    other = spectra_of(embedded.select(np.arange(0, 160, 10)), FrontEnd(n_mels=30))
    fits = r"expected shape=\(None, 98, 40\), found shape=\(\d+, 98, 30\)"
    with pytest.raises(ValueError, match=fits):
        train(model, AugmentedClips(other, seed=0), epochs=1, progress=False)
    with pytest.raises(ValueError, match=fits):
        training.predict(model, np.zeros((2, 98, 30), np.float32))


def test_classes_that_do_not_fit_are_refused():
    inputs = keras.Input((5, 3))
    three = keras.Model(inputs, keras.layers.Dense(3)(keras.layers.Flatten()(inputs)))
    with pytest.raises(ValueError, match=r"target.shape=\(8, 2\), output.shape=\(8, 3\)"):
        train(three, Toy(), epochs=1, progress=False)
    labels = Toy().some(4)[0], np.array([0, 1, 1, 0])
    with pytest.raises(ValueError, match=r"target.shape=\(None,\), output.shape=\(None, 2\)"):
        train(toy_model(), Toy(), epochs=1, progress=False, validation=labels)


# ---------------------------------------------------------------- with a real network


def test_predict_gives_probabilities():
    model = toy_model()
    features = Toy().some(6)[0]
    probabilities = training.predict(model, features)
    logits = np.asarray(model(features))
    expected = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(probabilities, expected, rtol=1e-5)


@pytest.mark.slow
def test_the_reference_network_learns_and_comes_back(embedded, tmp_path):
    clips = embedded.select((embedded.labels < 2) & (embedded.takes < 4))
    training.set_seed(0)
    model = models.digit_network(98, 40, n_classes=2)
    unmixed = replace(AUGMENTATION, mixup=None)
    batches = AugmentedClips(spectra_of(clips), seed=0, augmentation=unmixed, n_classes=2)
    history = train(model, batches, epochs=6, progress=False)
    assert history["accuracy"][-1] > 0.9
    model.save(tmp_path / "model.keras")
    restored = keras.models.load_model(tmp_path / "model.keras")
    probe = np.random.default_rng(0).normal(size=(3, 98, 40)).astype(np.float32)
    np.testing.assert_allclose(restored(probe), model(probe), atol=1e-5)
    probabilities = training.predict(model, probe)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-5)
