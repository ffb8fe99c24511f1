"""The assistant: graphs, search, meaning, what it does and what it answers."""

from __future__ import annotations

import itertools

from course_utils.connected_digits import BLANK
from course_utils.serving import assistant
from course_utils.serving.assistant import Arc, Assistant, Command, Search, Transducer

import numpy as np
import pytest
from scipy.sparse.csgraph import dijkstra


@pytest.fixture(scope="module")
def corpus():
    return assistant.load_commands()


@pytest.fixture(scope="module")
def graph(corpus):
    return assistant.command_graph(corpus.words)


def spikes(words, symbols):
    """Log probabilities of a network that is sure: each word once, blanks between."""
    table = np.full((2 * len(words) + 1, len(symbols)), -20.0)
    table[:, BLANK] = -5.0
    table[::2, BLANK] = 0.0
    for place, word in enumerate(words):
        table[2 * place + 1, symbols.index(word)] = 0.0
    return table


def brute_force(grammar, symbols, table, blank="–"):
    """Score of the best path, by trying them all."""
    texts = {}
    waiting = [(grammar.start, (), 0.0)]
    while waiting:
        state, text, weight = waiting.pop()
        if state in grammar.ends and weight + grammar.ends[state] < texts.get(text, np.inf):
            texts[text] = weight + grammar.ends[state]
        if len(text) < len(table):
            waiting += [
                (a.target, (*text, a.heard), weight + a.weight)
                for a in grammar.arcs
                if a.source == state
            ]
    best = -np.inf
    for path in itertools.product(range(len(symbols)), repeat=len(table)):
        merged = tuple(symbols[k] for k, _ in itertools.groupby(path))
        text = tuple(word for word in merged if word != blank)
        if text in texts:
            score = table[np.arange(len(path)), path].sum() - texts[text]
            best = max(best, score)
    return best


# ---------------------------------------------------------------- sound


def test_digits_and_words_are_one_corpus_with_the_blank_between(corpus):
    assert len(corpus.words) == 86 and corpus.words[BLANK] == assistant.BLANK_NAME
    assert len(corpus) == 4800 + 16 * 10 * 8 and BLANK not in corpus.labels
    assert set(corpus.labels) == set(range(86)) - {BLANK}


def test_words_are_said_one_after_the_other(corpus):
    rng = np.random.default_rng(0)
    sound, spans = assistant.say(corpus, ["open", "the", "door"], "awb", rng)
    assert spans.shape == (3, 2) and np.all(np.diff(spans[:, 0]) > 0)
    assert np.abs(sound).max() <= 1 and len(sound) / 8000 > spans[-1, 1]


# ---------------------------------------------------------------- search


@pytest.mark.parametrize("seed", range(4))
def test_the_search_finds_the_best_of_all_paths(seed):
    rng, symbols = np.random.default_rng(seed), ("–", "a", "b")
    arcs = [
        Arc(int(s), str(w), str(w), float(rng.uniform(0, 2)), int(t))
        for s, w, t in zip(
            rng.integers(3, size=6), rng.choice(["a", "b"], 6), rng.integers(3, size=6)
        )
    ]
    arcs.append(Arc(0, "a", "a", 0.5, 2))
    grammar = Transducer(tuple(arcs), 0, {2: 0.3})
    table = np.log(rng.dirichlet(np.ones(3), size=6))
    search = Search(assistant.compose(assistant.ctc_topology("ab"), grammar), symbols)
    reading = search(table)
    assert np.isclose(reading.score, brute_force(grammar, symbols, table))
    in_pieces = search.start()
    for part in np.array_split(table, [1, 1, 4]):
        in_pieces = search.step(in_pieces, part)
    again = search.result(in_pieces, table)
    assert again.words == reading.words and again.score == reading.score


def test_every_command_can_be_read_and_means_what_was_meant(corpus, graph):
    rng, search = np.random.default_rng(0), Search(graph, corpus.words)
    for intent in assistant.TEMPLATES:
        for _ in range(5):
            words, command = assistant.sample_command(rng, [intent])
            assert assistant.parse(words) == [command]
            assert search(spikes(words, corpus.words)).words == words


def test_synonyms_are_read_as_one_word(corpus, graph):
    said = "computer please go to the park and turn on the lamp please".split()
    reading = Search(graph, corpus.words)(spikes(said, corpus.words))
    assert reading.words == tuple(said)
    assert "navigate" in reading.meant and "lamp" not in reading.meant
    assert [c.intent for c in assistant.parse(said)] == ["navigate", "light on"]


def test_what_is_no_command_has_no_meaning():
    for line in ("", "kitchen kitchen", "turn on the river", "and", "please"):
        assert assistant.parse(line.split()) is None


# ---------------------------------------------------------------- answers


def talk(*lines):
    """Say lines to a new assistant: its answers, and itself."""
    helper = Assistant()
    return [helper.hear(line.split()) for line in lines], helper


def test_actions_change_the_home_and_undo_takes_them_back():
    answers, helper = talk(
        "turn on the light in the kitchen",
        "play music in the garden and turn up the volume",
        "undo",
        "undo",
        "undo",
    )
    assert helper.home == assistant.Home()
    assert answers[-3:] == ["Undone.", "Undone.", "There is nothing to undo."]


@pytest.mark.parametrize(
    ("lines", "answer"),
    [
        (("undo",), "nothing to undo"),
        (("set the timer",), "For how long?"),
        (("set the timer for zero minutes",), "For how long?"),
        (("set the timer", "two five minutes"), "25 minutes"),
        (("set the alarm for zero in the morning",), "no zero"),
        (("navigate",), "Where to?"),
        (("navigate to the museum",), "no museum on this map"),
        (("navigate to the station",), "bus station or the train station?"),
        (("go to the station", "the train station"), "824 m"),
        (("open the door",), "yes or no"),
        (("open the door", "yes"), "The door is open."),
        (("open the door", "no"), "leave it"),
        (("open the door", "hello", "yes"), "not asked"),
        (("yes",), "not asked"),
        (("close the window",), "closed already"),
        (("stop the timer",), "No timer"),
        (("turn on the river",), "did not understand"),
        (("hello", "repeat"), "Hello."),
        (("repeat",), "There is nothing to repeat."),
        (("five minutes",), "set the timer"),
        (("the park",), "navigate to the park"),
    ],
)
def test_it_answers_as_a_good_assistant_would(lines, answer):
    answers, _ = talk(*lines)
    assert answer in answers[-1]


def test_what_it_is_not_sure_of_changes_nothing():
    helper = Assistant()
    assert "Say it again" in helper.hear("turn on the light".split(), sure=False)
    assert helper.home == assistant.Home() and not helper.history


def test_every_command_gets_an_answer():
    rng, helper = np.random.default_rng(1), Assistant()
    for _ in range(400):
        assert helper.hear(assistant.sample_command(rng)[0])


def test_a_command_shows_its_slots():
    command = Command("timer", (("NUMBER", "5"), ("UNIT", "minutes")))
    assert str(command) == "timer(NUMBER = 5, UNIT = minutes)" and command["ROOM"] == ""


# ---------------------------------------------------------------- the map


def test_ways_are_as_short_as_scipy_finds_them():
    names = list(assistant.PLACES)
    lengths = np.zeros((len(names), len(names)))
    for a, b in assistant.STREETS:
        length = np.hypot(*np.subtract(assistant.PLACES[a], assistant.PLACES[b]))
        lengths[names.index(a), names.index(b)] = length
    wanted = dijkstra(lengths, directed=False)
    for (i, a), (j, b) in itertools.product(enumerate(names), repeat=2):
        length, way = assistant.shortest_way(a, b)
        assert np.isclose(length, wanted[i, j]) and (way[0], way[-1]) == (a, b)


def test_a_place_without_a_street_is_told():
    with pytest.raises(ValueError, match="no street leads from home to river"):
        assistant.shortest_way("home", "river", [("home", "school")])
