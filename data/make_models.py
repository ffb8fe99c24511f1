"""Train the models that come with the course, and write them to data/models.

    python data/make_models.py [digit_network] [small_digit_network] [connected_digit_network]

Without a name it makes all three, in some ten minutes on two cores. Each learns from the
training side of FSDD's official split and from the synthetic voices, seed 0, with the recipe
of its chapter; the test takes are used once, to say what came of it. `SHA256SUMS` is written
anew at the end. Two makings differ in the last digits of the weights: how many threads share a
sum decides in which order it is added up.
"""

from __future__ import annotations

import hashlib
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[1])]

from course_utils import connected_digits, corpora, ctc, features, metrics, models, training  # noqa: E402
from course_utils.augmentation import Spectra, spectra_of  # noqa: E402
from course_utils.corpora import Corpus  # noqa: E402

import keras  # noqa: E402

FOLDER = Path(__file__).parent / "models"
SEED = 0


def learn_digits(build: Callable[..., keras.Model], epochs: int, train: Corpus, voices: Corpus):
    """Train a network of single digits as in chapter 05."""
    training.set_seed(SEED)
    extra: tuple[Spectra, ...] = spectra_of(voices.waveforms), voices.labels
    model = build(features.NETWORK_FRAMES, features.COURSE_FRONT_END.n_mels)
    spectra = spectra_of(train.waveforms)
    clips = training.AugmentedClips(spectra, train.labels, SEED, extra=extra)
    training.train(model, clips, epochs=epochs, progress=False)
    return model


def hear_digits(model: keras.Model, test: Corpus) -> str:
    probabilities = training.predict(model, features.network_input(test.waveforms))
    return f"accuracy {metrics.accuracy(test.labels, probabilities.argmax(axis=-1))}"


def digit_network(train: Corpus, test: Corpus, voices: Corpus) -> tuple[keras.Model, str]:
    model = learn_digits(models.digit_network, 20, train, voices)
    return model, hear_digits(model, test)


def small_digit_network(train: Corpus, test: Corpus, voices: Corpus) -> tuple[keras.Model, str]:
    model = learn_digits(models.small_digit_network, 45, train, voices)
    return model, hear_digits(model, test)


def connected_digit_network(train: Corpus, test: Corpus, voices: Corpus) -> tuple[keras.Model, str]:
    training.set_seed(SEED)
    model = models.connected_digit_network()
    extra = spectra_of(voices.waveforms), voices.labels, voices.speakers
    spectra = spectra_of(train.waveforms)
    clips = ctc.ConnectedDigitClips(spectra, train.labels, train.speakers, SEED, extra=extra)
    training.train(model, clips, epochs=48, loss=ctc.ctc_loss, metrics=(), progress=False)
    spoken = connected_digits.compose(test, n_strings=300, seed=7)
    read = [connected_digits.greedy_decode(table) for table in ctc.log_posteriors(model, spoken.waveforms)]
    right = sum(tuple(said) == tuple(found) for said, found in zip(spoken.targets, read))
    return model, f"whole strings of 3 to 7 digits {metrics.proportion(right, len(spoken))}"


RECIPES = {
    recipe.__name__: recipe for recipe in (digit_network, small_digit_network, connected_digit_network)
}


def main(names: list[str]) -> None:
    train, test = corpora.official_split(corpora.load_digits("fsdd"))
    voices = corpora.load_digits("embedded")
    FOLDER.mkdir(exist_ok=True)
    for name in names or RECIPES:
        start = time.process_time()
        model, result = RECIPES[name](train, test, voices)
        seconds = time.process_time() - start
        plain = keras.Model.from_config(model.get_config())  # without the optimizer's memory
        plain.set_weights(model.get_weights())
        path = FOLDER / f"{name}.keras"
        plain.save(path)
        print(
            f"{name}: {plain.count_params()} weights, {path.stat().st_size / 1000:.0f} kB, "
            f"{seconds:.0f} s of processor time, {result}",
            flush=True,
        )
    files = sorted(FOLDER.glob("*.keras"))
    sums = (f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in files)
    (FOLDER / "SHA256SUMS").write_text("".join(sums))


if __name__ == "__main__":
    main(sys.argv[1:])
