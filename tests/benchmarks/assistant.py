"""How well the assistant of chapter 14 hears, understands and wakes, for voices never trained on.

Commands are sampled from its grammar and composed of clips of the four test voices. The wake
word is missed or found in calls, and falsely found in hours of other words, noises and music.
Everything is synthetic: the figures say nothing about people.
"""

from __future__ import annotations

import time
from typing import Any

from course_utils.audio import mix_at_snr
from course_utils.connected_digits import COMPOSITION, STREAM_FRONT_END, collapse
from course_utils.corpora import NOISES, load_noise
from course_utils.ctc import log_posteriors
from course_utils.metrics import bootstrap_interval, edits, proportion
from course_utils.models import load_trained
from course_utils.serving.assistant import (
    LEXICON,
    SLOTS,
    TEMPLATES,
    TEST_VOICES,
    Assistant,
    Search,
    command_graph,
    load_commands,
    parse,
    sample_command,
    say,
)  # fmt: skip
from course_utils.serving.step_network import StepNetwork
from course_utils.serving.streaming import Stream
from data.recipes import recordings, stored_network

import numpy as np
from scipy.ndimage import maximum_filter1d
from threadpoolctl import threadpool_limits

MODEL, WAKE_MODEL = "command_network", "wake_network"
SEED = 2014
N_COMMANDS = 150  # of each voice
N_CALLS = 150  # of each voice
HOURS = 6.0
PIECE_SECONDS = 30
PIECES_MADE = 120  # an hour of them; each is heard again under other noises
REST = 25  # outputs: one alarm in a second
NEAR = 7  # outputs in which two networks may spike for one name
ALARMS_AN_HOUR = (0.5, 1, 2, 5, 10, 20)
SPLIT = "new synthetic voices"


def setup() -> Any:
    """What the numbers depend on."""
    how = SEED, N_COMMANDS, N_CALLS, HOURS, PIECE_SECONDS, PIECES_MADE, REST, ALARMS_AN_HOUR
    said = COMPOSITION, recordings(["commands", "noise"]), TEMPLATES, SLOTS, LEXICON, TEST_VOICES
    return stored_network(MODEL), STREAM_FRONT_END, how, said


def wake_setup() -> Any:
    """What the numbers of the wake word depend on."""
    return setup(), stored_network(WAKE_MODEL), NEAR


def measure_commands() -> list[dict[str, Any]]:
    """Word errors and meanings of sampled commands, and how soon they are known."""
    network, corpus, rng = load_trained(MODEL), load_commands(), np.random.default_rng(SEED)
    search = Search(command_graph(corpus.words), corpus.words)
    voices = np.repeat(TEST_VOICES, N_COMMANDS)
    drawn = [sample_command(rng) for _ in voices]
    said = [say(corpus, words, voice, rng) for (words, _), voice in zip(drawn, voices)]
    tables = log_posteriors(network, [sound for sound, _ in said])
    greedy = [[corpus.words[k] for k in collapse(table.argmax(axis=1))] for table in tables]
    read = [search(table).words for table in tables]
    rows = []
    truths = [words for words, _ in drawn]
    right = np.array([parse(words) == [command] for words, (_, command) in zip(read, drawn)])
    everybody = np.ones(len(voices), bool)
    for split, mine in (
        (SPLIT, everybody),
        *((f"voice {v}", voices == v) for v in TEST_VOICES),
    ):
        about = {"corpus": "words", "split": split, "parameters": network.count_params()}
        for name, found in (("greedy", greedy), ("grammar", read)):
            errors, words = (a[mine] for a in edits(truths, found))
            low, high = bootstrap_interval(errors, words)
            rate = {"value": errors.sum() / words.sum(), "low": low, "high": high}
            rows.append(
                {"model": f"{MODEL}, {name}", "metric": "word error rate", "unit": "fraction"}
                | rate
                | about
            )
        share = proportion(int(right[mine].sum()), int(mine.sum()))._asdict()
        metric = {"metric": "intent and slots", "unit": "fraction"}
        rows.append({"model": f"{MODEL}, grammar", **metric, **share, **about})
    return rows + measure_delay(network, corpus, search, said[::15], read[::15])


def measure_delay(network, corpus, search, said, read) -> list[dict[str, Any]]:
    """From the end of a command's last word until its reading is known, and acted upon."""
    stepped, known, worked = StepNetwork(network), [], []
    with threadpool_limits(limits=1):
        for (sound, spans), words in zip(said, read):
            stream, state, tables = Stream(stepped), search.start(), []
            sound = np.concatenate([sound, np.zeros(4000, np.float32)])
            since = None
            for begin in range(0, len(sound), 400):  # pieces of 50 ms
                start = time.thread_time()
                logits = stream.advance(sound[begin : begin + 400])
                table = logits - np.logaddexp.reduce(logits, axis=1, keepdims=True)
                tables.append(table.reshape(-1, len(corpus.words)) if len(table) else None)
                heard = [part for part in tables if part is not None]
                if tables[-1] is None:
                    continue
                state = search.step(state, tables[-1])
                reading = search.result(state, np.concatenate(heard))
                if reading is not None and reading.words == words:
                    Assistant().hear(reading.words)
                    since = since if since is not None else (begin + 400) / corpus.sample_rate
                    worked.append(time.thread_time() - start)
                else:
                    since = None
            if since is not None:
                known.append(max(0.0, since - spans[-1, 1]))
    rows = []
    for name, value in (
        ("end of the last word to a known command, median", np.median(known)),
        ("end of the last word to a known command, 95th percentile", np.percentile(known, 95)),
        ("processor time of the last piece, 95th percentile", np.percentile(worked, 95)),
    ):
        about = {"corpus": "words", "split": SPLIT, "model": f"{MODEL}, streaming"}
        rows.append({"metric": name, "value": round(1000 * float(value), 1), "unit": "ms", **about})
    return rows


def music(rng: np.random.Generator, seconds: float, sample_rate: int = 8000) -> np.ndarray:
    """Return a random tune of plucked notes in two voices (samples,)."""
    sound = np.zeros(int(seconds * sample_rate), np.float32)
    for octave in (0.5, 1.0):
        begin = 0
        while begin < len(sound):
            n = int(rng.choice([0.15, 0.3, 0.6]) * sample_rate)
            t = np.arange(min(n, len(sound) - begin)) / sample_rate
            pitch = octave * 440 * 2 ** (rng.integers(-9, 8) / 12)
            partials = sum(np.sin(2 * np.pi * k * pitch * t) / k for k in (1, 2, 3))
            sound[begin : begin + len(t)] += partials * np.exp(-5 * t)
            begin += n
    return 0.1 * sound


def alarms(probability: np.ndarray) -> list[float]:
    """Probabilities (outputs,) of the peaks that could wake it, one in `REST` outputs."""
    found: list[int] = []
    for t in np.argsort(probability)[::-1]:
        if probability[t] < 1e-4:
            break
        if all(abs(t - earlier) >= REST for earlier in found):
            found.append(int(t))
    return [float(probability[t]) for t in found]


def together(wake: np.ndarray, commands: np.ndarray) -> np.ndarray:
    """Mean probability of the name (outputs,) by four networks: three for it alone, and a fourth.

    `wake` is the mean of those three already; each spikes at an output of its own.
    """
    return (3 * maximum_filter1d(wake, NEAR) + maximum_filter1d(commands, NEAR)) / 4


def measure_wake() -> list[dict[str, Any]]:
    """Misses of the wake word at several rates of false alarms, by two networks, and by both.

    All hear the same calls, and the same hours of noises, other words and music.
    """
    corpus, rng = load_commands(), np.random.default_rng(SEED)
    listeners = {
        f"{MODEL}, computer": (load_trained(MODEL), corpus.words.index("computer")),
        WAKE_MODEL: (load_trained(WAKE_MODEL), 0),
    }
    rate = corpus.sample_rate
    others = [word for word in corpus.words[11:] + corpus.words[:10] if word != "computer"]

    def in_noise(sound: np.ndarray) -> np.ndarray:
        noise = load_noise(NOISES[rng.integers(len(NOISES))])
        return np.clip(mix_at_snr(sound, noise, rng.uniform(5, 30), rng), -1, 1)

    def name_in(sounds: list[np.ndarray]) -> dict[str, list[np.ndarray]]:
        found = {
            model: [np.exp(table[:, symbol]) for table in log_posteriors(network, sounds)]
            for model, (network, symbol) in listeners.items()
        }
        commands, wake = found.values()
        return {**found, f"{WAKE_MODEL} and {MODEL}": list(map(together, wake, commands))}

    called = []
    for voice in np.repeat(TEST_VOICES, N_CALLS):
        more = sample_command(rng)[0] if rng.random() < 0.5 else ()
        called.append(in_noise(say(corpus, ("computer", *more), voice, rng)[0]))
    scores = {model: np.array([p.max() for p in each]) for model, each in name_in(called).items()}
    pieces = []
    for number in range(PIECES_MADE):
        speech = np.zeros(0, np.float32)
        while len(speech) < PIECE_SECONDS * rate:
            said = rng.choice(others, rng.integers(2, 8))
            sound, _ = say(corpus, said, TEST_VOICES[number % len(TEST_VOICES)], rng)
            pause = np.zeros(int(rng.uniform(0.2, 3) * rate), np.float32)
            speech = np.concatenate([speech, sound, pause])
        pieces.append(speech[: PIECE_SECONDS * rate])
    false: dict[str, list[float]] = {model: [] for model in scores}
    rounds = round(HOURS * 3600 / PIECE_SECONDS / PIECES_MADE)
    for _ in range(rounds):
        for group in np.array_split(np.arange(PIECES_MADE), 8):
            heard = []
            for piece in group:
                sound = in_noise(pieces[piece])
                if rng.random() < 0.5:
                    tune = music(rng, PIECE_SECONDS)
                    sound = np.clip(mix_at_snr(sound, tune, rng.uniform(5, 20), rng), -1, 1)
                heard.append(sound)
            for model, each in name_in(heard).items():
                false[model] += [alarm for p in each for alarm in alarms(p)]
    hours, rows = rounds * PIECES_MADE * PIECE_SECONDS / 3600, []
    for model in scores:
        ordered = np.sort(false[model])[::-1]
        for allowed in ALARMS_AN_HOUR:
            k = int(allowed * hours)  # so many false alarms, and no more
            threshold = ordered[k] if k < len(ordered) else 0.0
            missed = scores[model] <= threshold
            share = proportion(int(missed.sum()), len(missed))._asdict()
            rows.append(
                {"model": model, "metric": "misses", "unit": "fraction", "corpus": "words",
                 "split": f"{allowed:g} false alarms an hour, {hours:g} h", **share}
            )  # fmt: skip
    return rows
