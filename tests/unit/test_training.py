"""Training: what is refused, what is drawn, and what `train` does with it."""

import gc
import math
import types
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
        (np.zeros((0, 98, 40)), np.zeros(0, int), r"bands\) expected, given \(0, 98, 40\)"),
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
    rate, warm = training.learning_rates(epochs, batches, peak), epochs * batches // 10

    def by_hand(step):
        if step < warm:
            return peak / 10 + (peak - peak / 10) * step / warm
        return peak / 2 * (1 + math.cos(math.pi * (step - warm) / (steps - warm)))

    for step in (0, warm // 2, warm, warm + 1, (warm + steps) // 2, steps - 1, steps):
        assert float(rate(step)) == pytest.approx(by_hand(step), rel=1e-4, abs=1e-8), step


def test_the_learning_rate_of_300_steps():
    rate = training.learning_rates(10, 30, 3e-3)
    expected = {0: 3e-4, 15: 1.65e-3, 30: 3e-3, 165: 1.5e-3, 300: 0}
    found = {step: float(rate(step)) for step in expected}
    assert found == pytest.approx(expected, abs=1e-8)


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


class Bar:
    """A progress bar that notes what it is told."""

    def __init__(self, **how):
        self.how, self.shown, self.steps, self.closed = how, [], 0, False

    def set_postfix(self, values):
        self.shown.append(values)

    def update(self):
        self.steps += 1

    def close(self):
        self.closed = True


def learn(**arguments):
    """Train for 4 epochs of 6 batches; the model, and all that came of it."""
    result = types.SimpleNamespace(model=toy_model(), clips=Toy(batches=6), listener=Listener())
    result.validation = Toy(seed=1).some(50)
    result.history = train(
        result.model,
        result.clips,
        epochs=4,
        peak_rate=0.1,
        validation=result.validation,
        callbacks=[result.listener],
        **arguments,
    )
    return result


@pytest.fixture(scope="module")
def trained():
    bars = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(training, "tqdm", lambda **how: bars.append(Bar(**how)) or bars[-1])
        result = learn()
    (result.bar,) = bars
    return result


@pytest.mark.slow
def test_callbacks_hear_of_every_step_and_epoch(trained):
    expected = [("begin", 4)]
    for epoch in range(4):
        batches = [("batch", batch) for batch in range(6)]
        expected += [("epoch", epoch), *batches, ("epoch end", epoch)]
    assert trained.listener.heard == [*expected, ("end", None)]
    for name, values in trained.history.items():
        assert [logs[name] for logs in trained.listener.logs] == values
    assert trained.clips.draws == 4, "each epoch is drawn once, and none that nobody trains on"


@pytest.mark.slow
def test_each_step_has_the_learning_rate_of_the_schedule(trained):
    rate = training.learning_rates(4, 6, 0.1)
    assert trained.listener.rates == pytest.approx([float(rate(step)) for step in range(24)])
    assert len(set(trained.listener.rates)) == 24


@pytest.mark.slow
def test_a_step_is_traced_once(monkeypatch):
    traced, model = [], toy_model()
    step = model.train_step
    monkeypatch.setattr(model, "train_step", lambda data: traced.append(1) or step(data))
    train(model, Toy(), epochs=2, metrics=("accuracy",), progress=False)
    assert len(traced) == 1


@pytest.mark.slow
def test_the_optimizer_is_the_one_of_chapter_05(trained):
    optimizer = trained.model.optimizer
    assert isinstance(optimizer, keras.optimizers.AdamW)
    assert (optimizer.weight_decay, optimizer.global_clipnorm) == (1e-3, 5.0)
    assert int(optimizer.iterations) == 24 and not trained.model.jit_compile


def test_the_loss_smooths_the_targets():
    one, logits = np.array([[1.0, 0]]), np.array([[2.0, 0]])
    by_hand = 0.95 * math.log(1 + math.exp(-2)) + 0.05 * math.log(1 + math.exp(2))
    assert float(training.SMOOTHED_CROSS_ENTROPY(one, logits)) == pytest.approx(by_hand, rel=1e-5)


@pytest.mark.slow
def test_the_history_has_what_was_measured_in_each_epoch(trained):
    history = trained.history
    assert set(history) == {"loss", "accuracy", "val_loss", "val_accuracy"}
    assert {len(values) for values in history.values()} == {4}
    assert all(type(value) is float for values in history.values() for value in values)
    assert history["loss"][-1] < history["loss"][0] and history["val_accuracy"][-1] > 0.8
    features, targets = trained.validation
    loss = float(training.SMOOTHED_CROSS_ENTROPY(targets, trained.model(features)))
    assert history["val_loss"][-1] == pytest.approx(loss, rel=1e-4)


class Uneven(Toy):
    """The last batch of an epoch is smaller than the others."""

    def draw(self):
        self.draws += 1
        return [self.some(8), self.some(8), self.some(3)]


@pytest.mark.slow
def test_the_loss_of_an_epoch_is_the_mean_over_its_clips():
    model = toy_model()
    history = train(model, Uneven(), epochs=2, peak_rate=0.0, progress=False)  # nothing is learnt
    again = Uneven()
    for epoch in range(2):
        features, targets = (np.concatenate(part) for part in zip(*again.draw()))
        loss = float(training.SMOOTHED_CROSS_ENTROPY(targets, model(features)))
        right = np.argmax(model(features), axis=1) == targets.argmax(axis=1)
        assert history["loss"][epoch] == pytest.approx(loss, rel=1e-4)
        assert history["accuracy"][epoch] == pytest.approx(right.mean())


@pytest.mark.slow
def test_a_callback_can_stop_the_training():
    class Enough(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            self.model.stop_training = epoch == 1

    model = toy_model()
    history = train(model, Toy(), 9, metrics=(), progress=False, callbacks=[Enough()])
    assert {name: len(values) for name, values in history.items()} == {"loss": 2}
    assert len(train(model, Toy(), 3, progress=False)["loss"]) == 3, "the next training goes on"


@pytest.mark.slow
def test_a_training_can_be_repeated(trained, capsys):
    again = learn(progress=False)
    assert again.history == trained.history
    for first, second in zip(trained.model.get_weights(), again.model.get_weights()):
        np.testing.assert_array_equal(first, second)
    assert "".join(capsys.readouterr()) == "", "no bar, and nothing else"


@pytest.mark.slow
def test_clips_are_let_go_after_the_training():
    clips = Toy()
    train(toy_model(), clips, epochs=2, progress=False)
    kept = weakref.ref(clips)
    del clips
    gc.collect()
    assert kept() is None, "something keeps what it was trained on"


def test_what_goes_wrong_while_an_epoch_is_drawn_is_told():
    class Broken(Toy):
        def draw(self):
            raise ValueError("the epoch cannot be drawn")

    with pytest.raises(ValueError, match="the epoch cannot be drawn"):
        train(toy_model(), Broken(), epochs=3, progress=False)


@pytest.mark.slow
def test_one_bar_shows_how_far_it_is(trained):
    bar = trained.bar
    assert bar.how["total"] == bar.steps == 4 and bar.closed
    assert set(bar.shown[-1]) == {"loss", "acc", "val_loss", "val_acc"}
    assert bar.shown[-1]["loss"] == f"{trained.history['loss'][-1]:.3f}"


# ---------------------------------------------------------------- what does not fit together


def test_features_and_a_network_that_do_not_fit_are_refused(embedded):
    model = models.small_digit_network(98, 40)
    other = spectra_of(embedded.select(np.arange(0, 160, 10)), FrontEnd(n_mels=30))
    fits = r"expected shape=\(None, 98, 40\), found shape=\(\d+, 98, 30\)"
    with pytest.raises(ValueError, match=fits):
        train(model, AugmentedClips(other, seed=0), epochs=1, progress=False)
    with pytest.raises(ValueError, match=fits):
        training.predict(model, np.zeros((2, 98, 30), np.float32))


@pytest.mark.slow
def test_classes_that_do_not_fit_are_refused():
    inputs = keras.Input((5, 3))
    three = keras.Model(inputs, keras.layers.Dense(3)(keras.layers.Flatten()(inputs)))
    with pytest.raises(ValueError, match=r"target.shape=\(8, 2\), output.shape=\(8, 3\)"):
        train(three, Toy(), epochs=1, progress=False)
    labels = Toy().some(4)[0], np.array([0, 1, 1, 0])
    with pytest.raises(ValueError, match=r"target.shape=\(4,\), output.shape=\(4, 2\)"):
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
