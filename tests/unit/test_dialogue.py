"""What is said or typed to the assistant: when it answers, what, and what it forgets."""

from __future__ import annotations

from course_utils.connected_digits import join
from course_utils.serving import assistant, dialogue
from course_utils.serving.dialogue import CommandRecogniser, Dialogue, may_go_on, words_of

import numpy as np
import pytest

LIGHT = ("turn", "on", "the", "light")


@pytest.fixture(scope="module")
def recogniser():
    from course_utils.models import load_trained

    return CommandRecogniser(load_trained("command_network"))


@pytest.fixture(scope="module")
def commands():
    return assistant.load_commands()


def spoken(corpus, text: str, voice: str = "frances", seed: int = 0):
    """A command in a quiet room, half a second before it and two after: sound, its end."""
    rng = np.random.default_rng(seed)
    own = np.flatnonzero(corpus.speakers == voice)
    of_word = [own[corpus.labels[own] == corpus.words.index(word)] for word in text.split()]
    clips = [corpus.waveforms[rng.choice(clips)] for clips in of_word]
    sound, spans = join(clips, corpus.sample_rate, rng)
    whole = np.concatenate([np.zeros(4000), sound, np.zeros(16_000)])
    noisy = whole + rng.normal(0, 1e-3, len(whole))
    return np.clip(noisy, -1, 1).astype(np.float32), 0.5 + spans[-1, 1]


def heard(recogniser, sound, length: int = 800):
    stream, events = recogniser.stream(), []
    for begin in range(0, len(sound), length):
        events += stream.accept(sound[begin : begin + length])
    return [*events, *stream.finish()]


def finals(events):
    return [(event.words, event.sure) for event in events if event.kind == "final"]


# ---------------------------------------------------------------- in writing


class Deaf:
    """A recogniser that hears nothing."""

    def stream(self):
        return self

    def accept(self, _samples):
        return ()

    finish = lambda self: ()  # noqa: E731


def talk(*lines: str) -> tuple[list[str], Dialogue]:
    helper = Dialogue(Deaf())
    return [turn["reply"] for line in lines for turn in helper.read(line)["turns"]], helper


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Turn on the light!", "turn on the light"),
        ("set the timer for 25 minutes", "set the timer for two five minutes"),
        ("  ", ""),
        ("naïve ☃ <b>", "naïve b"),
        ("٣ 9", "three nine"),
    ],
)
def test_typed_text_becomes_words(text, words):
    assert words_of(text) == words.split()


@pytest.mark.parametrize(
    ("lines", "answer"),
    [
        (("sing a song of sixpence",), "did not understand"),
        (("set the timer",), "For how long?"),
        (("set the timer for 0 minutes",), "ring at once"),
        (("go to the museum",), "no museum on this map"),
        (("go to the station",), "bus station or the train station?"),
        (("turn off the light and play music",), "The light is off. Music plays"),
        (("undo",), "nothing to undo"),
        (("open the door", "yes"), "The door is open."),
        (("open the door", "no"), "leave it"),
    ],
)
def test_bad_input_is_answered_as_in_the_chapter(lines, answer):
    replies, _ = talk(*lines)
    assert answer in replies[-1]


def test_it_says_when_it_asks():
    helper = Dialogue(Deaf())
    (turn,) = helper.read("open the door")["turns"]
    assert turn["asks"] and not turn["home"]["open"]["door"]
    (turn,) = helper.read("yes")["turns"]
    assert not turn["asks"] and turn["home"]["open"]["door"]


def test_one_undo_takes_back_what_was_joined_by_and():
    for lines in (
        ("close the window and play music",),
        ("turn on the light", "and play music", "and turn up the heat"),
    ):
        _, helper = talk("open the window", *lines, "undo")
        home = helper.assistant.home
        assert home.open["window"] and not home.music and home.heat == 20
        assert not any(home.lights.values())
    _, helper = talk("turn on the light", "play music", "undo")
    assert helper.assistant.home.lights["kitchen"] == "bright"


def test_a_please_alone_needs_no_answer_and_a_reset_forgets():
    replies, helper = talk("please", "computer")
    assert replies == []
    helper.read("turn on the light")
    assert helper.reset()["home"] == dialogue.BEGINNING["home"]
    assert helper.read("undo")["turns"][0]["reply"] == "There is nothing to undo."


@pytest.mark.parametrize(
    ("words", "longer"),
    [
        ("set the timer", True),
        ("turn on the light", True),
        ("turn on the light in the kitchen", False),
        ("please close the door and play music", True),
        ("undo", False),
        ("yes please", False),
        ("set the timer for two minutes", False),
        ("set the timer for two", True),
    ],
)
def test_which_commands_may_go_on(words, longer):
    assert may_go_on(words.split()) == longer


# ---------------------------------------------------------------- by voice


@pytest.mark.parametrize("length", [37, 800, 8000])
def test_a_command_is_heard_however_it_is_cut(recogniser, commands, length):
    sound, _ = spoken(commands, "turn on the light in the kitchen")
    events = heard(recogniser, sound, length)
    assert finals(events) == [((*LIGHT, "in", "the", "kitchen"), True)]
    assert events == heard(recogniser, sound)
    partial = [event.words for event in events if event.kind == "partial"]
    assert partial[0] == ("turn",) and [len(words) for words in partial] == [1, 2, 3, 4, 5, 6, 7]


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("close the window", 0.35), ("stop the music", 0.35), ("turn on the light", 0.65)],
)
def test_it_is_known_soon_after_the_last_word(recogniser, commands, text, seconds):
    sound, end = spoken(commands, text)
    last = heard(recogniser, sound)[-1]
    assert last.kind == "final" and " ".join(last.words) == text
    assert last.end - end < seconds


def test_commands_follow_one_another(recogniser, commands):
    lines = ("open the window", "stop the music", "louder")
    sound = np.concatenate([spoken(commands, line, seed=k)[0] for k, line in enumerate(lines)])
    events = heard(recogniser, sound)
    assert [" ".join(words) for words, _ in finals(events)] == list(lines)


OTHER_SPEECH = (
    "river blue seconds church",
    "red train bridge market school",
    "minutes door garden five light",
    "park bus window nine",
)


def test_other_speech_is_refused_and_changes_nothing(recogniser, commands):
    refused = 0
    for seed, text in enumerate(OTHER_SPEECH):
        sound, _ = spoken(commands, text, seed=seed)
        helper = Dialogue(recogniser)
        turns = helper.accept(sound)["turns"] + helper.finish()["turns"]
        refused += all("did not understand" in turn["reply"] for turn in turns)
        assert turns and helper.assistant.home == assistant.Home()
    assert refused >= len(OTHER_SPEECH) / 2  # what is left was taken for a question or a place


@pytest.mark.parametrize("kind", ["silence", "noise", "click", "offset", "hum", "motor"])
def test_what_is_no_speech_is_no_command(recogniser, kind):
    n, rng = 8000 * 4, np.random.default_rng(0)
    sound = {
        "silence": np.zeros(n),
        "noise": rng.normal(0, 0.01, n),
        "click": 0.9 * (np.arange(n) == 9000) + rng.normal(0, 1e-3, n),
        "offset": np.full(n, 0.3) + rng.normal(0, 1e-3, n),
        "hum": 0.2 * np.sin(2 * np.pi * 50 * np.arange(n) / 8000) + rng.normal(0, 1e-3, n),
        "motor": 0.2 * np.sin(2 * np.pi * 100 * np.arange(n) / 8000) + rng.normal(0, 1e-3, n),
    }[kind]
    assert [e for e in finals(heard(recogniser, sound.astype(np.float32))) if e[1]] == []


def test_it_keeps_little_while_nobody_speaks_and_ends_long_speech(recogniser, commands):
    stream = recogniser.stream()
    stream.accept(np.random.default_rng(0).normal(0, 1e-3, 80_000).astype(np.float32))
    assert len(stream.outputs) <= dialogue.LEAD_OUTPUTS and len(stream.scores) == 1
    rng = np.random.default_rng(0)
    endless, _ = assistant.say(commands, ["turn", "set"] * 25, "frances", rng)
    events = heard(recogniser, endless)
    assert [sure for _, sure in finals(events)][:1] == [False]
    assert next(e for e in events if e.kind == "final").end < dialogue.LONGEST_SECONDS + 1


def test_a_stream_that_finished_takes_no_more(recogniser):
    stream = recogniser.stream()
    assert stream.finish() == ()
    with pytest.raises(RuntimeError, match="finished"):
        stream.accept(np.zeros(10, np.float32))


def test_a_network_with_other_symbols_is_refused():
    from course_utils.models import connected_digit_network

    with pytest.raises(ValueError, match="86 symbols expected, given one from 40 to 11"):
        CommandRecogniser(connected_digit_network())
