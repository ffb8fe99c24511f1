"""Commands that the synthesisers say in one breath, not composed of single words (chapter 14).

The four test voices say commands as whole sentences, at their ordinary speed, so that each word
runs into the next one. These are not stored: whoever measures needs the synthesisers that made the
corpora (Debian's espeak-ng, flite, festival with festvox-kdlpc16k; data/README.md says which).
Those of six voices of Kokoro, which tests elsewhere in the course as well, are.
"""

from __future__ import annotations

import shutil
from typing import Any

from course_utils.audio import mix_at_snr
from course_utils.connected_digits import COMPOSITION
from course_utils.corpora import NOISES, load_noise
from course_utils.ctc import log_posteriors
from course_utils.metrics import bootstrap_interval, edits, proportion
from course_utils.models import load_trained
from course_utils.serving.assistant import (
    TEST_VOICES,
    Search,
    command_graph,
    load_commands,
    parse,
    sample_command,
)
from course_utils.serving.phrases import load_sentences
from data.make_embedded_corpus import VOICES, finish
from data.make_models import split_of
from data.make_phrases import say
from data.recipes import RECIPES, recipe_hash, recordings, stored_network, train_recipe
from tests.benchmarks.assistant import MODEL

import keras
import numpy as np

ALONE = f"{MODEL}, composed strings alone"
SEED = 2015
N_COMMANDS = 60  # of each voice
MARGIN_SECONDS = 0.3  # of silence before and after
PEAK_DB = -9.0
ENGINES = ("espeak-ng", "flite", "festival")
SPLIT = "new synthetic voices, in one breath"
NEURAL = "new neural voices, in one breath"


Said = tuple[list[tuple[str, ...]], list[np.ndarray], np.ndarray]  # words, sounds, voices


def setup() -> Any:
    """What the numbers depend on."""
    how = SEED, N_COMMANDS, MARGIN_SECONDS, PEAK_DB, TEST_VOICES, COMPOSITION.noise_db
    return stored_network(MODEL), recordings(["noise", "sentences"]), how


def setup_alone() -> Any:
    """What the numbers of a network depend on that learned from composed commands alone."""
    return recipe_hash(RECIPES[ALONE], "commands"), setup()[1:]


def sentence(name: str, words: list[tuple[str, ...]], rng: np.random.Generator) -> list[np.ndarray]:
    """Say commands with a voice: each a sound (samples,) float32 in a little noise."""
    voice = next(voice for voice in VOICES if voice.name == name)
    sounds = say(
        voice, [" ".join(command) for command in words], list(rng.uniform(0.95, 1.05, len(words)))
    )
    return [noisy(finish(*sound, PEAK_DB) / np.float32(32768), rng) for sound in sounds]


def noisy(clip: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Put silence around a sentence, and a little noise over all of it."""
    noise = load_noise(NOISES[rng.integers(len(NOISES))])
    clip = np.pad(clip, round(MARGIN_SECONDS * 8000))
    return np.clip(mix_at_snr(clip, noise, rng.uniform(*COMPOSITION.noise_db), rng), -1, 1)


def by_rule(rng: np.random.Generator) -> Said:
    """Commands by the four test voices, made now."""
    if missing := [name for name in ENGINES if not shutil.which(name)]:
        raise SystemExit(f"install {', '.join(missing)}: they say the commands (data/README.md)")
    truths, sounds = [], []
    for voice in TEST_VOICES:
        drawn = [sample_command(rng)[0] for _ in range(N_COMMANDS)]
        truths += drawn
        sounds += sentence(voice, drawn, rng)
    return truths, sounds, np.repeat(TEST_VOICES, N_COMMANDS)


def by_kokoro(rng: np.random.Generator) -> Said:
    """Commands by the voices that test in `data/sentences`."""
    words = load_commands().words
    stored = load_sentences("test", words)
    truths = [tuple(words[label] for label in target) for target in stored.targets]
    return truths, [noisy(waveform, rng) for waveform in stored.waveforms], stored.voices


def measure() -> list[dict[str, Any]]:
    """Word errors and meanings of commands said whole."""
    return scored(load_trained(MODEL), MODEL)


def measure_alone() -> list[dict[str, Any]]:
    """Train alike, but with composed commands alone, and measure the same."""
    network = train_recipe(RECIPES[ALONE], split_of(MODEL).train, None, 0)
    return scored(network, ALONE)


def scored(network: keras.Model, name: str) -> list[dict[str, Any]]:
    """Rows of what a network and the grammar make of all of it, together and by each voice."""
    words, rng = load_commands().words, np.random.default_rng(SEED)
    search, rows = Search(command_graph(words), words), []
    for corpus, split, said in (
        ("words", SPLIT, by_rule(rng)),
        ("sentences", NEURAL, by_kokoro(rng)),
    ):
        truths, sounds, voices = said
        read = [search(table).words for table in log_posteriors(network, sounds)]
        right = np.array([parse(heard) == parse(meant) for heard, meant in zip(read, truths)])
        about = {"corpus": corpus, "model": f"{name}, grammar"}
        about |= {"unit": "fraction", "parameters": network.count_params()}
        for part, mine in (
            (split, np.ones(len(voices), bool)),
            *((f"voice {v}, in one breath", voices == v) for v in dict.fromkeys(voices)),
        ):
            errors, n_words = (counts[mine] for counts in edits(truths, read))
            low, high = bootstrap_interval(errors, n_words)
            rate = {"value": errors.sum() / n_words.sum(), "low": low, "high": high}
            share = proportion(int(right[mine].sum()), int(mine.sum()))._asdict()
            rows.append({"metric": "word error rate", **rate, **about, "split": part})
            rows.append({"metric": "intent and slots", **share, **about, "split": part})
    return rows
