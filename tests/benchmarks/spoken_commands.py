"""Commands that the synthesisers say in one breath, not composed of single words (chapter 14).

The four test voices say commands as whole sentences, at their ordinary speed, so that each word
runs into the next one. Nothing is stored: whoever measures needs the synthesisers that made the
corpora (Debian's espeak-ng, flite, festival with festvox-kdlpc16k; data/README.md says which).
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
from data.make_embedded_corpus import VOICES, finish
from data.make_phrases import say
from data.recipes import recordings, stored_network
from tests.benchmarks.assistant import MODEL

import numpy as np

SEED = 2015
N_COMMANDS = 60  # of each voice
MARGIN_SECONDS = 0.3  # of silence before and after
PEAK_DB = -9.0
ENGINES = ("espeak-ng", "flite", "festival")
SPLIT = "new synthetic voices, in one breath"


def setup() -> Any:
    """What the numbers depend on."""
    how = SEED, N_COMMANDS, MARGIN_SECONDS, PEAK_DB, TEST_VOICES, COMPOSITION.noise_db
    return stored_network(MODEL), recordings(["noise"]), how


def sentence(name: str, words: list[tuple[str, ...]], rng: np.random.Generator) -> list[np.ndarray]:
    """Say commands with a voice: each a sound (samples,) float32 in a little noise."""
    voice = next(voice for voice in VOICES if voice.name == name)
    texts, margin = [" ".join(command) for command in words], round(MARGIN_SECONDS * 8000)
    made = []
    for sound in say(voice, texts, list(rng.uniform(0.95, 1.05, len(texts)))):
        clip = np.pad(finish(*sound, PEAK_DB) / np.float32(32768), margin)
        noise = load_noise(NOISES[rng.integers(len(NOISES))])
        noisy = mix_at_snr(clip, noise, rng.uniform(*COMPOSITION.noise_db), rng)
        made.append(np.clip(noisy, -1, 1).astype(np.float32))
    return made


def measure() -> list[dict[str, Any]]:
    """Word errors and meanings of commands said whole."""
    if missing := [name for name in ENGINES if not shutil.which(name)]:
        raise SystemExit(f"install {', '.join(missing)}: they say the commands (data/README.md)")
    network, corpus, rng = load_trained(MODEL), load_commands(), np.random.default_rng(SEED)
    search = Search(command_graph(corpus.words), corpus.words)
    rows, truths, read, right = [], [], [], []
    for voice in TEST_VOICES:
        drawn = [sample_command(rng) for _ in range(N_COMMANDS)]
        tables = log_posteriors(network, sentence(voice, [words for words, _ in drawn], rng))
        heard = [search(table).words for table in tables]
        truths += [words for words, _ in drawn]
        read += heard
        right += [parse(words) == [command] for words, (_, command) in zip(heard, drawn)]
    voices = np.repeat(TEST_VOICES, N_COMMANDS)
    for split, mine in (
        (SPLIT, np.ones(len(voices), bool)),
        *((f"voice {voice}, in one breath", voices == voice) for voice in TEST_VOICES),
    ):
        errors, words = (counts[mine] for counts in edits(truths, read))
        low, high = bootstrap_interval(errors, words)
        about = {"corpus": "words", "split": split, "model": f"{MODEL}, grammar"}
        about |= {"unit": "fraction", "parameters": network.count_params()}
        rate = {"value": errors.sum() / words.sum(), "low": low, "high": high}
        rows.append({"metric": "word error rate", **rate, **about})
        share = proportion(int(np.array(right)[mine].sum()), int(mine.sum()))._asdict()
        rows.append({"metric": "intent and slots", **share, **about})
    return rows
