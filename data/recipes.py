"""How every network of the course is trained: the stored ones, and those of `results.json`.

A `Recipe` holds all that decides what is learned. `train_recipe` follows it, `recipe_hash` is
its fingerprint. Each row of `results.json`, and each network in `models/`, keeps the hash of
the recipe that made it; so a test sees when one of them no longer is what its recipe makes,
and `make benchmark` lists it. The hash covers the fields, the network that the builder builds,
the optimizer and its schedule, the fixed numbers of the features, and the recordings. It does
not cover how a function computes: that is what the unit tests are for.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, replace
from functools import cache, partial
from typing import Any

from course_utils import ctc, models, training
from course_utils.augmentation import (
    AUGMENTATION,
    NO_AUGMENTATION,
    Augmentation,
    Spectra,
    spectra_of,
)
from course_utils.connected_digits import N_SYMBOLS, STREAM_FRONT_END, STRIDE, greedy_decode
from course_utils.corpora import Corpus, load_digits
from course_utils.ctc import STRING_AUGMENTATION
from course_utils.features import COURSE_FRONT_END, FEATURE_SCALE, NETWORK_FRAMES, FrontEnd
from course_utils.paths import DATA_FOLDER, MODELS_FOLDER
from course_utils.serving.assistant import load_commands
from course_utils.serving.phrases import (
    NAME_BLANK,
    PHRASE_TEMPO,
    REVERBERATION,
    ROOMS,
    NameClips,
    PhraseClips,
    load_phrases,
    load_sentences,
)
from course_utils.setup.download import FSDD_CONTENT_SHA256

import keras
import numpy as np
import tensorflow as tf

HASH_LENGTH = 16  # hexadecimal digits of the SHA-256 that are kept


@dataclass(frozen=True)
class Idea:
    """A change of a training that no other field can say; this one changes nothing.

    The benchmark tries some (tests/benchmarks/ideas.py); no network that ships has one.
    """

    def corpus(self, corpus: Corpus) -> Corpus:
        """Change the clips to learn from."""
        return corpus

    def network(self, model: keras.Model) -> keras.Model:
        """Change what the builder built."""
        return model

    def clips(self, clips: training.Clips) -> training.Clips:
        """Change what an epoch draws."""
        return clips

    def loss(self, loss: Callable) -> Callable:
        """Change what is made small."""
        return loss

    def callbacks(self) -> list[keras.callbacks.Callback]:
        """Return what listens to the training."""
        return []

    def reader(self, model: keras.Model, corpus: Corpus) -> Callable[[np.ndarray], np.ndarray]:
        """Return how a table (outputs, symbols) is read; `corpus` has the clips learned from."""
        return greedy_decode


@dataclass(frozen=True)
class Recipe:
    """Everything that decides what a network learns, but for the clips and the seed.

    network : name of its builder in `course_utils.models`
    sizes : arguments of the builder, beside the number of frames and bands, as (name, value)
    front_end, augmentation : what becomes of the clips
    voices : whether the synthetic voices of the embedded corpus are added
    more : whether Kokoro's single digits are added to them; for strings also the phrases that
        teach, and then no voice is learned from that says phrases to validate or to test with.
        For commands, where `voices` is False: the further voices of ``load_commands(more=True)``
    counted : how often the clips of some voices are there, as (voice, times), see `repeated`
    sentences : whether the commands that are said whole, and teach, are added to composed ones
    rooms : share of the strings that are said in a room, where phrases or sentences are added
    name : the only word that is to be heard, and how often its clips are there; see `NameClips`
    longest : words of the longest string; None for a network of single digits. Strings are
        learned by CTC, single digits by cross-entropy with `label_smoothing`
    networks : trained alike but for the seed, and averaged
    """

    network: str
    epochs: int
    front_end: FrontEnd = COURSE_FRONT_END
    augmentation: Augmentation = AUGMENTATION
    voices: bool = True
    batch_size: int = 64
    peak_rate: float = 3e-3
    label_smoothing: float = 0.1
    longest: int | None = None
    networks: int = 1
    sizes: tuple[tuple[str, Any], ...] = ()
    idea: Idea = Idea()
    more: bool = False
    counted: tuple[tuple[str, int], ...] = ()
    sentences: bool = False
    rooms: float = 0.0
    name: tuple[str, int] | None = None


# ---------------------------------------------------------------- the recipes

DIGITS = Recipe("digit_network", epochs=20)  # of chapter 05, as it is
LONG = replace(DIGITS, epochs=36)
# A new voice gains from a longer training, and VTLP does not pay beside synthetic voices, which
# bring vocal tracts of their own: the validation speakers of the ablation show both
NEW_VOICES = replace(LONG, augmentation=replace(AUGMENTATION, vtlp=None))
# As many steps as with FSDD: there are half as many clips. Beside a synthetic vowel an s can
# be 40 dB weaker and more, in each of its bands: `embedded-validation` shows what to hear
SYNTHETIC = replace(
    DIGITS,
    epochs=40,
    voices=False,
    augmentation=replace(AUGMENTATION, mixup=None),
    front_end=replace(COURSE_FRONT_END, range_db=65.0),
)
SMALL = replace(DIGITS, network="small_digit_network", epochs=45)
STRINGS = Recipe(
    "connected_digit_network",
    epochs=48,
    front_end=STREAM_FRONT_END,
    augmentation=STRING_AUGMENTATION,
    batch_size=32,
    longest=7,
)
# The same with phrases said in one breath, more voices and rooms: the recogniser that is deployed
BREATH = replace(STRINGS, epochs=96, more=True, rooms=ROOMS, sizes=(("width", 128),))
# Words of commands and digits, single and in one breath, by synthetic voices alone (chapter 14).
# Three of the voices were made from recordings of people; most others share one synthesiser
COMMANDS = replace(
    STRINGS,
    voices=False,
    epochs=80,
    batch_size=16,
    peak_rate=3e-3,
    augmentation=replace(STRING_AUGMENTATION, masks=(4, 6), noise_db=(15.0, 50.0)),
    sizes=(("n_symbols", 86), ("width", 128)),
    more=True,
    counted=(("rms", 3), ("slt", 3), ("kal", 3), ("neural", 3)),
    sentences=True,
)
# The wake word alone, as the device hears it all day long: from the same strings, by three small
# networks, since what wakes one of them by mistake seldom wakes the others
WAKE = replace(
    COMMANDS,
    epochs=20,
    batch_size=32,
    augmentation=replace(COMMANDS.augmentation, noise_db=(0.0, 50.0)),
    sizes=(("n_symbols", 2), ("width", 64), ("filters", (16, 24, 32))),
    name=("computer", 12),
    networks=3,
)


def without(recipe: Recipe, *parts: str) -> Recipe:
    """Return the recipe with some parts of its augmentation left out."""
    return replace(recipe, augmentation=replace(recipe.augmentation, **dict.fromkeys(parts, None)))


RECIPES: dict[str, Recipe] = {
    # the networks that come with the course have the name of their recipe
    "digit_network": DIGITS,
    "small_digit_network": SMALL,
    "connected_digit_network": BREATH,
    "command_network": COMMANDS,
    "wake_network": WAKE,
    # the same for a new voice, and for one corpus
    "digit_network, 36 epochs, no vtlp": NEW_VOICES,
    "digit_network, synthetic voices alone": SYNTHETIC,
    "recurrent_network": replace(DIGITS, network="recurrent_network"),
    "recurrent_network, 36 epochs, no vtlp": replace(NEW_VOICES, network="recurrent_network"),
    "connected_digit_network, composed strings alone": STRINGS,
    "command_network, composed strings alone": replace(COMMANDS, sentences=False),
    "connected_digit_network, composed strings alone, 30 epochs": replace(STRINGS, epochs=30),
    "connected_digit_network, 16 epochs": replace(STRINGS, epochs=16),
    # what the choices were made among
    "digit_network, 36 epochs": LONG,
    "digit_network, 36 epochs, no spec_augment": without(LONG, "masks"),
    "digit_network, 36 epochs, no synthetic voices": replace(LONG, voices=False),
    "digit_network, 12 epochs": replace(DIGITS, epochs=12),
    "digit_network, 12 epochs, no synthetic voices": replace(DIGITS, epochs=12, voices=False),
    "digit_network, no synthetic voices": replace(DIGITS, voices=False),
    "digit_network, no vtlp": without(DIGITS, "vtlp"),
    "digit_network, no tempo": without(DIGITS, "tempo"),
    "digit_network, no noise": without(DIGITS, "noise_db"),
    "digit_network, no spec_augment": without(DIGITS, "masks"),
    "digit_network, no mixup": without(DIGITS, "mixup"),
    "digit_network, none of these": replace(DIGITS, voices=False, augmentation=NO_AUGMENTATION),
    "digit_network, no label smoothing": replace(DIGITS, label_smoothing=0.0),
    "digit_network, mean of three networks": replace(DIGITS, networks=3),
    "digit_network, 20 bands": replace(DIGITS, front_end=FrontEnd(n_mels=20)),
    "digit_network, 64 bands": replace(DIGITS, front_end=FrontEnd(n_mels=64)),
    "digit_network, 65 dB": replace(DIGITS, front_end=FrontEnd(range_db=65.0)),
    "small_digit_network, wider": replace(
        SMALL,
        network="digit_network",
        sizes=(("filters", (12, 16, 24, 30, 40)), ("dropout", 0.0)),
    ),
    "digit_network, synthetic voices alone, mixup": replace(SYNTHETIC, augmentation=AUGMENTATION),
    "digit_network, synthetic voices alone, 50 dB": replace(SYNTHETIC, front_end=COURSE_FRONT_END),
    "digit_network, synthetic voices alone, 80 dB": replace(
        SYNTHETIC, front_end=FrontEnd(range_db=80.0)
    ),
    "digit_network, synthetic voices alone, 50 dB, mixup": replace(
        SYNTHETIC, front_end=COURSE_FRONT_END, augmentation=AUGMENTATION
    ),
}


# ---------------------------------------------------------------- to follow one


def build_network(recipe: Recipe) -> keras.Model:
    """Build the untrained network of a recipe."""
    builder = getattr(models, recipe.network)
    shape = (recipe.front_end.n_mels,)
    if recipe.longest is None:
        shape = (NETWORK_FRAMES, *shape)
    return recipe.idea.network(builder(*shape, **dict(recipe.sizes)))


def train_recipe(recipe: Recipe, corpus: Corpus, voices: Corpus | None, seed: int) -> keras.Model:
    """Train on the clips of `corpus`, with those of `voices` if the recipe asks for them."""
    if recipe.voices and voices is None:
        raise ValueError(
            f"this recipe of {recipe.network} adds synthetic voices: give the embedded corpus"
        )
    trained = [train_one(recipe, corpus, voices, seed + 100 * i) for i in range(recipe.networks)]
    return trained[0] if recipe.networks == 1 else mean_of(trained)


def train_one(recipe: Recipe, corpus: Corpus, voices: Corpus | None, seed: int) -> keras.Model:
    """Train one network."""
    training.set_seed(seed)
    model = build_network(recipe)
    spectra = spectra_of(recipe.idea.corpus(corpus), recipe.front_end)
    spectra = repeated(spectra, recipe.counted)
    extra = extra_spectra(recipe, voices) if recipe.voices or recipe.more else None
    how: dict[str, Any] = {"augmentation": recipe.augmentation, "batch_size": recipe.batch_size}
    if recipe.longest is None:
        clips = training.AugmentedClips(spectra, seed, extra, **how)
        loss = keras.losses.CategoricalCrossentropy(
            from_logits=True, label_smoothing=recipe.label_smoothing
        )
    else:
        how["n_symbols"] = dict(recipe.sizes).get("n_symbols", N_SYMBOLS)
        kind, loss = ctc.ConnectedDigitClips, ctc.ctc_loss
        if recipe.more and recipe.voices:
            kind, how["phrases"], how["rooms"] = PhraseClips, load_phrases("train"), recipe.rooms
        elif recipe.sentences:
            taught = load_sentences("train", corpus.words)
            kind, how["phrases"], how["rooms"] = PhraseClips, taught, recipe.rooms
        if recipe.name:
            kind, loss = NameClips, partial(ctc.ctc_loss, blank=NAME_BLANK)
            how["name"], how["times"] = corpus.words.index(recipe.name[0]), recipe.name[1]
        clips = kind(spectra, seed, extra, longest=recipe.longest, **how)
    training.train(
        model,
        recipe.idea.clips(clips),
        recipe.epochs,
        recipe.peak_rate,
        recipe.idea.loss(loss),
        metrics=(),
        progress=False,
        callbacks=recipe.idea.callbacks(),
    )
    return model


def extra_spectra(recipe: Recipe, voices: Corpus | None) -> Spectra:
    """Spectra of the synthetic voices that a recipe adds; Kokoro's digits count twice."""
    if not recipe.voices or voices is None:
        commands = spectra_of(load_commands(more=True), recipe.front_end)
        return repeated(commands, recipe.counted)
    if not recipe.more:
        return spectra_of(voices, recipe.front_end)
    if recipe.longest is not None:
        kept = [load_phrases(role).voices for role in ("validation", "test")]
        voices = voices.select(~np.isin(voices.speakers, np.concatenate(kept)))
    return joined(
        spectra_of(clips, recipe.front_end)
        for clips in (voices, load_digits("neural"), load_digits("neural"))
    )


def repeated(spectra: Spectra, counted: Iterable[tuple[str, int]]) -> Spectra:
    """Return the spectra with the clips of some voices several times; "neural" is all Kokoro's."""
    times = np.ones(len(spectra), int)
    for voice, n_times in counted:
        voices = load_digits("neural").speakers if voice == "neural" else [voice]
        times[np.isin(spectra.speakers, voices)] = n_times
    return spectra.select(np.repeat(np.arange(len(spectra)), times))


def joined(parts: Iterable[Spectra]) -> Spectra:
    """Spectra of several corpora as one."""
    parts = list(parts)
    names = ("power", "lengths", "labels", "speakers")
    whole = {name: np.concatenate([getattr(part, name) for part in parts]) for name in names}
    return Spectra(**whole, front_end=parts[0].front_end)


def mean_of(trained: list[keras.Model]) -> keras.Model:
    """One network whose probabilities are the mean of those of several; it gives logarithms."""
    inputs, probabilities = keras.Input(trained[0].input_shape[1:]), []
    for place, model in enumerate(trained):
        part = keras.Model.from_config({**model.get_config(), "name": f"network_{place}"})
        part.set_weights(model.get_weights())
        probabilities.append(keras.ops.softmax(part(inputs)))
    return keras.Model(inputs, keras.ops.log(keras.layers.average(probabilities)))


# ---------------------------------------------------------------- the fingerprint


def fingerprint(*content: Any) -> str:
    """First digits of the SHA-256 of what is given, written as JSON."""
    text = json.dumps(content, sort_keys=True, default=asdict)
    return hashlib.sha256(text.encode()).hexdigest()[:HASH_LENGTH]


def recipe_hash(recipe: Recipe, corpus: str, *tested_with: Any) -> str:
    """Fingerprint of all that decides what a recipe learns from a corpus (of `load_digits`).

    `tested_with` is what decides the result beside the network, such as how the strings are
    composed that it has to read.
    """
    corpora, fields = [corpus, "embedded"] if recipe.voices else [corpus], asdict(recipe)
    if recipe.more:
        corpora.append("neural")
        if not recipe.voices:
            corpora.append("more_words")
        elif recipe.longest is not None:
            corpora.append("phrases")
            fields["more"] = PHRASE_TEMPO, fields.pop("rooms"), REVERBERATION
    if recipe.sentences:
        corpora.append("sentences")
        fields["sentences"] = PHRASE_TEMPO
        fields["rooms"] = (recipe.rooms, REVERBERATION) if recipe.rooms else None
    for name in ("more", "counted", "sentences", "rooms", "name"):
        if not fields.get(name, True):
            del fields[name]  # the recipes without it are older than this field
    return fingerprint(
        fields,
        type(recipe.idea).__name__,
        architecture_of(
            recipe.network, recipe.sizes, recipe.front_end, recipe.longest, recipe.idea
        ),
        optimizer(recipe.peak_rate),
        {"scale": FEATURE_SCALE, "frames": NETWORK_FRAMES, "stride": STRIDE},
        recordings(corpora),
        *tested_with,
    )


def versions() -> dict[str, str]:
    """Versions of what computes."""
    return {"keras": keras.__version__, "tensorflow": tf.__version__}


def recordings(names: Iterable[str]) -> list[str]:
    """Checksums of the corpora named, or of another folder of `data`, such as ``"noise"``."""
    lines = (DATA_FOLDER / "SHA256SUMS").read_text(encoding="utf-8").splitlines()
    sums = {"fsdd": [FSDD_CONTENT_SHA256]}
    folders = (
        "embedded languages more_words neural noise phrases real sentences text transformer words"
    )
    for name in folders.split():
        sums[name] = sorted(line for line in lines if f"  {name}/" in line)
    sums["commands"] = sums["embedded"] + sums["words"]
    return [line for name in sorted(set(names)) for line in sums[name]]


@cache
def architecture_of(
    network: str,
    sizes: tuple[tuple[str, Any], ...],
    front_end: FrontEnd,
    longest: int | None,
    idea: Idea,
) -> dict[str, Any]:
    """Return the `architecture` for the parts of a recipe on which it depends."""
    recipe = Recipe(network, 1, front_end, longest=longest, sizes=sizes, idea=idea)
    return architecture(build_network(recipe))


def stored_network(name: str) -> str:
    """SHA-256 of a network that comes with the course: another making of it is another thing."""
    return hashlib.sha256((MODELS_FOLDER / f"{name}.keras").read_bytes()).hexdigest()


def architecture(model: keras.Model) -> dict[str, Any]:
    """Layers of a network, their settings, what feeds each, and the shapes of all weights.

    Without the names of the layers: Keras counts on through a process ("conv2d_7").
    """

    def plain(value: Any, places: dict[str, int]) -> Any:
        if isinstance(value, dict) and value.get("class_name") != "DTypePolicy":
            if "layers" in value:  # a network, maybe inside another
                places = {layer["name"]: place for place, layer in enumerate(value["layers"])}
            return {key: plain(inner, places) for key, inner in value.items() if key != "name"}
        if isinstance(value, list | tuple):
            if value and isinstance(value[0], str) and value[0] in places:  # [name, node, tensor]
                return [places[value[0]], *value[1:]]
            return [plain(inner, places) for inner in value]
        return value

    return {
        "layers": plain(model.get_config(), {}),
        "weights": [list(weight.shape) for weight in model.weights],
    }


@cache
def optimizer(peak_rate: float) -> dict[str, Any]:
    """Return how `training.train` sets up its optimizer and its schedule, for 100 batches."""

    class OneOfHundred:
        def __len__(self) -> int:
            return 100

        def draw(self) -> list[tuple[np.ndarray, np.ndarray]]:
            return [(np.zeros((1, 1)), np.zeros((1, 1)))]

    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    training.train(
        model, OneOfHundred(), 1, peak_rate, loss=keras.losses.mean_squared_error, metrics=(),
        progress=False,
    )  # fmt: skip
    found = keras.optimizers.serialize(model.optimizer)
    found["config"]["name"] = "adam_w"  # Keras counts on through a process ("adam_w_7")
    schedule = training.learning_rates(1, 100, peak_rate)  # `train` sets the rate of each step
    found["config"]["learning_rate"] = keras.saving.serialize_keras_object(schedule)
    return found
