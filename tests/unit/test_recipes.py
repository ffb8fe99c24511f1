"""The recipes: what is stored is what they make, and their hash changes with all that matters."""

from __future__ import annotations

import dataclasses
import inspect
import json
from dataclasses import replace

from course_utils import augmentation, connected_digits, ctc, features, models, training
from course_utils.features import FrontEnd
from course_utils.serving import assistant
from course_utils.serving.phrases import load_phrases
from data import make_models, recipes
from data.recipes import DIGITS, RECIPES, STRINGS, recipe_hash
from tests.benchmarks import ideas

import keras
import numpy as np
import pytest


def settings(network: keras.Model) -> dict:
    return json.loads(json.dumps(recipes.architecture(network)))


# ---------------------------------------------------------------- what is stored


@pytest.mark.parametrize("name", make_models.NAMES)
def test_a_stored_network_is_what_its_recipe_builds(name):
    stored, each = models.load_trained(name), [recipes.build_network(RECIPES[name])]
    each *= RECIPES[name].networks
    built = each[0] if len(each) == 1 else recipes.mean_of(each)
    assert settings(stored) == settings(built), f"train it again: python -m data.make_models {name}"
    assert [w.shape for w in stored.weights] == [w.shape for w in built.weights]


@pytest.mark.parametrize("name", make_models.NAMES)
def test_a_stored_network_was_trained_by_todays_recipe(name):
    record = json.loads(make_models.RECORDS_FILE.read_text())[name]
    assert record["recipe_hash"] == recipe_hash(RECIPES[name], record["corpus"]), (
        f"the recipe has changed since: python -m data.make_models {name}"
    )


def test_a_hash_does_not_depend_on_what_was_made_before():
    recipe = RECIPES["digit_network"]
    first = recipe_hash(recipe, "embedded")
    keras.optimizers.AdamW()  # takes a name that Keras counts
    training.set_seed(1)
    for cached in (recipes.optimizer, recipes.architecture_of):
        cached.cache_clear()
    assert recipe_hash(recipe, "embedded") == first


def test_every_stored_network_has_a_recipe():
    names = {path.stem for path in make_models.MODELS_FOLDER.glob("*.keras")}
    assert names == set(make_models.NAMES)


def test_what_a_chapter_gets_without_asking_is_the_recipe():
    def defaults(function):
        parameters = inspect.signature(function).parameters.values()
        return {p.name: p.default for p in parameters if p.default is not p.empty}

    train = defaults(training.train)
    assert (train["epochs"], train["peak_rate"]) == (DIGITS.epochs, DIGITS.peak_rate)
    assert train["loss"].label_smoothing == DIGITS.label_smoothing
    for clips, recipe in ((training.AugmentedClips, DIGITS), (ctc.ConnectedDigitClips, STRINGS)):
        assert defaults(clips)["batch_size"] == recipe.batch_size
        assert defaults(clips)["augmentation"] == recipe.augmentation
    assert defaults(ctc.ConnectedDigitClips)["longest"] == STRINGS.longest
    assert defaults(augmentation.spectra_of)["front_end"] == DIGITS.front_end


# ---------------------------------------------------------------- the hash


OTHER = {
    "network": "recurrent_network",
    "epochs": 21,
    "front_end": FrontEnd(floor=1e-4),
    "augmentation": replace(augmentation.AUGMENTATION, tempo=1.21),
    "voices": False,
    "batch_size": 63,
    "peak_rate": 2e-3,
    "label_smoothing": 0.05,
    "longest": 6,
    "networks": 2,
    "sizes": (("dropout", 0.1),),
    "idea": ideas.AveragedWeights(),
    "more": True,
    "counted": (("george", 2),),
    "sentences": True,
    "rooms": 0.3,
    "name": ("computer", 2),
}


def test_every_field_of_a_recipe_is_in_its_hash():
    assert set(OTHER) == {field.name for field in dataclasses.fields(DIGITS)}
    changed = [replace(DIGITS, **{name: OTHER[name]}) for name in OTHER if name != "longest"]
    changed += [STRINGS, replace(STRINGS, longest=OTHER["longest"])]
    changed += [replace(DIGITS, idea=ideas.AveragedWeights(decay=0.9))]
    hashes = [recipe_hash(recipe, "fsdd") for recipe in (DIGITS, *changed)]
    assert len(set(hashes)) == len(hashes)


@pytest.mark.parametrize(
    "change", dataclasses.fields(augmentation.Augmentation), ids=lambda f: f.name
)
def test_the_strength_of_an_augmentation_is_in_the_hash(change):
    value = np.multiply(getattr(DIGITS.augmentation, change.name), 1.5).tolist()
    weaker = replace(DIGITS.augmentation, **{change.name: value})
    assert recipe_hash(replace(DIGITS, augmentation=weaker), "fsdd") != recipe_hash(DIGITS, "fsdd")


@pytest.mark.parametrize(("name", "value"), [("PHRASE_TEMPO", (0.5, 1.2)), ("REVERBERATION", ())])
def test_what_becomes_of_phrases_is_in_the_hash(name, value, monkeypatch):
    in_rooms = replace(recipes.COMMANDS, rooms=0.1)
    followed = recipes.BREATH, in_rooms, recipes.COMMANDS, STRINGS
    before = [recipe_hash(recipe, "fsdd") for recipe in followed]
    monkeypatch.setattr(recipes, name, value)
    after = [recipe_hash(recipe, "fsdd") for recipe in followed]
    changed = [one != other for one, other in zip(before, after, strict=True)]
    assert changed == [True, True, name == "PHRASE_TEMPO", False]  # commands are in no room


def test_who_says_phrases_to_test_teaches_no_strings(embedded):
    taught = set(recipes.extra_spectra(recipes.BREATH, embedded).speakers)
    kept = {*load_phrases("validation").voices, *load_phrases("test").voices}
    assert not taught & kept and {"rms", "af_sky"} <= taught
    digits = recipes.extra_spectra(replace(DIGITS, more=True), embedded)
    assert set(embedded.speakers) | {"af_sky"} <= set(digits.speakers)


def test_the_hash_does_not_depend_on_what_else_the_process_built(monkeypatch):
    nested = replace(DIGITS, idea=ideas.VarianceNormalised())
    before = [recipe_hash(recipe, "fsdd") for recipe in (DIGITS, nested)]
    monkeypatch.setattr(recipes, "architecture_of", recipes.architecture_of.__wrapped__)
    models.digit_network(98, 40)  # Keras counts its layers on
    assert [recipe_hash(recipe, "fsdd") for recipe in (DIGITS, nested)] == before


def test_the_network_is_in_the_hash(monkeypatch):
    before, builder = recipe_hash(DIGITS, "fsdd"), models.digit_network
    monkeypatch.setattr(recipes, "architecture_of", recipes.architecture_of.__wrapped__)
    monkeypatch.setattr(models, "digit_network", lambda *shape: builder(*shape, dropout=0.25))
    assert recipe_hash(DIGITS, "fsdd") != before, "no weight is different, but the dropout"


def test_what_feeds_a_layer_is_in_the_hash():
    def network(shortcut_from: int) -> keras.Model:
        stages = [keras.Input((4,))]
        for _ in range(2):
            stages.append(keras.layers.Dense(4)(stages[-1]))
        return keras.Model(stages[0], keras.layers.add([stages[2], stages[shortcut_from]]))

    assert settings(network(0)) == settings(network(0)) != settings(network(1))


def test_the_schedule_is_in_the_hash(monkeypatch):
    before = recipe_hash(DIGITS, "fsdd")
    monkeypatch.setattr(recipes, "optimizer", recipes.optimizer.__wrapped__)
    other = keras.optimizers.schedules.CosineDecay(1e-3, 100)
    monkeypatch.setattr(training, "learning_rates", lambda epochs, batches, peak_rate: other)
    assert recipe_hash(DIGITS, "fsdd") != before


def test_fixed_numbers_and_recordings_are_in_the_hash(tmp_path, monkeypatch):
    hashes = {recipe_hash(DIGITS, "fsdd"), recipe_hash(DIGITS, "embedded")}
    with monkeypatch.context() as patch:
        patch.setattr(recipes, "FEATURE_SCALE", 4.0)
        hashes.add(recipe_hash(DIGITS, "fsdd"))
    with monkeypatch.context() as patch:
        patch.setattr(recipes, "FSDD_CONTENT_SHA256", "another")
        hashes.add(recipe_hash(DIGITS, "fsdd"))
    sums = (recipes.DATA_FOLDER / "SHA256SUMS").read_text()
    (tmp_path / "SHA256SUMS").write_text(sums.replace(sums[:64], 64 * "0", 1))
    monkeypatch.setattr(recipes, "DATA_FOLDER", tmp_path)
    hashes.add(recipe_hash(DIGITS, "fsdd"))
    assert len(hashes) == 5, "the synthetic voices count with FSDD too"


def test_how_a_test_is_made_counts_for_its_rows_alone():
    composition = replace(connected_digits.COMPOSITION, noise_db=(60.0, 80.0))
    plain, easy = (
        recipe_hash(STRINGS, "fsdd", how) for how in (connected_digits.COMPOSITION, composition)
    )
    assert plain != easy and recipe_hash(STRINGS, "fsdd") not in (plain, easy)


# ---------------------------------------------------------------- to follow one


def test_some_voices_are_counted_several_times(embedded):
    some = augmentation.spectra_of(embedded.select(embedded.takes == 0))
    spectra = recipes.repeated(some, (("rms", 3), ("neural", 2)))
    assert sum(spectra.speakers == "rms") == 30 and sum(spectra.speakers == "slt") == 10


def test_commands_are_taught_by_further_voices_and_none_that_tests():
    further = set(recipes.extra_spectra(recipes.COMMANDS, None).speakers)
    train, test = make_models.split_of("command_network")
    taught = further | set(train.speakers)
    assert {"rms", "slt", "af_alloy", "adam"} <= taught
    assert not taught & {*assistant.TEST_VOICES, *assistant.VALIDATION_VOICES}
    assert set(test.speakers) == set(assistant.TEST_VOICES)


@pytest.fixture
def handed_over(monkeypatch):
    """What `training.train` was given, without a training."""
    calls = []

    def take(*arguments, **named):
        calls.append(inspect.signature(train).bind(*arguments, **named).arguments)

    train = training.train
    monkeypatch.setattr(training, "train", take)
    return calls


@pytest.mark.slow
def test_a_recipe_of_digits_is_followed(embedded, handed_over):
    some = embedded.select(embedded.takes == 0)
    recipe = replace(
        DIGITS, epochs=3, peak_rate=1e-3, batch_size=16, label_smoothing=0.3,
        front_end=FrontEnd(n_mels=20), augmentation=augmentation.NO_AUGMENTATION,
        idea=ideas.AveragedWeights(),
    )  # fmt: skip
    recipes.train_recipe(recipe, some, some, seed=0)
    recipes.train_recipe(replace(recipe, voices=False, idea=ideas.RandomFilters()), some, None, 0)
    first, second = handed_over
    assert (first["epochs"], first["peak_rate"]) == (3, 1e-3)
    assert first["loss"].label_smoothing == 0.3 and first["loss"].from_logits
    assert [type(listener) for listener in first["callbacks"]] == [ideas.MeanOfWeights]
    assert len(first["clips"]) == (220 + 110) // 16 and len(second["clips"]) == 220 // 16
    assert first["clips"].augmentation == augmentation.NO_AUGMENTATION
    assert isinstance(second["clips"], ideas.FilteredClips)
    for network, clips in ((first["model"], first["clips"]), (second["model"], second["clips"])):
        features_of_batch, targets = clips.draw()[0]
        assert network.input_shape[1:] == features_of_batch.shape[1:] == (98, 20)
        assert targets.shape == (16, 10)


def test_a_recipe_of_strings_is_followed(embedded, handed_over):
    some = embedded.select(embedded.takes == 0)
    recipes.train_recipe(replace(STRINGS, longest=3, batch_size=8), some, some, seed=0)
    (given,) = handed_over
    assert given["loss"] is ctc.ctc_loss and given["epochs"] == 48
    clips = given["clips"]
    assert (clips.longest, clips.batch_size) == (
        3,
        8,
    ) and clips.augmentation is STRINGS.augmentation
    assert len(clips.parts) == 2, "real clips, and synthetic ones"


def test_synthetic_voices_must_be_given(embedded):
    with pytest.raises(ValueError, match="give the embedded corpus"):
        recipes.train_recipe(DIGITS, embedded, None, seed=0)


@pytest.mark.slow
def test_networks_are_averaged(embedded, handed_over):
    some = embedded.select(embedded.takes == 0)
    three = replace(DIGITS, voices=False, networks=3, sizes=(("filters", (2, 3, 4, 5, 6)),))
    mean = recipes.train_recipe(three, some, None, seed=5)
    alone = [given["model"] for given in handed_over]
    inputs = features.network_input(some.waveforms[:5])
    each = np.array([keras.ops.softmax(network(inputs)) for network in alone])
    assert np.ptp(each, axis=0).max() > 0.01, "each has a seed of its own"
    np.testing.assert_allclose(keras.ops.softmax(mean(inputs)), each.mean(axis=0), atol=1e-6)
    assert mean.count_params() == 3 * alone[0].count_params()
