"""What the assistant of chapter 14 is made of: search in a grammar, meaning, a home, a dialogue.

The chapter builds small versions of all of it by hand. Its network has the ten digits, the
blank, and the words of `corpora.load_words` as symbols.
"""

from __future__ import annotations

import copy
import heapq
import itertools
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from course_utils.audio import mix_at_snr
from course_utils.connected_digits import COMPOSITION, join
from course_utils.corpora import DIGITS, NOISES, Corpus, load_digits, load_noise, load_words

import numpy as np

__all__ = [
    "BLANK_NAME", "LEXICON", "PLACES", "QUIET", "SLOTS", "STREETS", "TEMPLATES", "TEST_VOICES",
    "VALIDATION_VOICES",
    "Arc", "Assistant", "Command", "Home", "Reading", "Search", "Transducer", "command_graph",
    "compose", "ctc_topology", "expand", "load_commands", "parse", "sample_command", "say",
    "shortest_way", "union",
]  # fmt: skip

TEST_VOICES = ("awb", "ked", "frances", "angus")
VALIDATION_VOICES = ("michel", "flora")
BLANK_NAME = "–"


# ---------------------------------------------------------------- sound


def load_commands(more: bool = False) -> Corpus:
    """Load words and digits of 16 synthetic voices as one corpus of 85 words (chapter 14).

    The labels 0 to 9 are the digits, 10 is the blank and never said, the words follow. `more`
    loads other voices instead, which only teach; each of them says a word once.
    """
    words = load_words("more_words" if more else "words")
    digits = [load_digits(name) for name in (("embedded", "neural") if more else ("embedded",))]
    digits = [part.select(np.isin(part.speakers, words.speakers)) for part in digits]
    parts = [*digits, words]
    symbols = (*DIGITS, BLANK_NAME, *(word for word in words.words if word not in DIGITS))
    labels = np.array([symbols.index(word) for word in words.words])[words.labels]
    return replace(
        words,
        name="commands",
        waveforms=tuple(waveform for part in parts for waveform in part.waveforms),
        labels=np.concatenate([*(part.labels for part in digits), labels]),
        speakers=np.concatenate([part.speakers for part in parts]),
        takes=np.concatenate([part.takes for part in parts]),
        words=symbols,
    )


def say(
    corpus: Corpus, words: Sequence[str], voice: str, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Say words with clips of one voice, in one breath and with a little noise, as `compose` does.

    Returns the sound (samples,) float32 and the spans (words, 2) of the words in seconds.
    """
    own = np.flatnonzero(corpus.speakers == voice)
    clips = [
        rng.choice(own[corpus.labels[own] == corpus.words.index(word)]) for word in words
    ]  # fmt: skip
    waveform, spans = join([corpus.waveforms[clip] for clip in clips], corpus.sample_rate, rng)
    noise = load_noise(NOISES[rng.integers(len(NOISES))])
    noisy = mix_at_snr(waveform, noise, rng.uniform(*COMPOSITION.noise_db), rng)
    return np.clip(noisy, -1, 1), spans


# ---------------------------------------------------------------- transducers


class Arc(NamedTuple):
    """One step of a transducer: reads `heard`, writes `said` ("" for nothing), costs `weight`."""

    source: Any
    heard: str
    said: str
    weight: float
    target: Any


@dataclass(frozen=True)
class Transducer:
    """A weighted finite-state transducer: states, arcs between them, the ends with their weight.

    Weights are minus logarithms of probabilities: along a path they add up, the smallest wins.
    """

    arcs: tuple[Arc, ...]
    start: Any
    ends: Mapping[Any, float]

    @property
    def states(self) -> set[Any]:
        """Every state that an arc touches."""
        return {self.start, *(a.source for a in self.arcs), *(a.target for a in self.arcs)}


def compose(first: Transducer, second: Transducer) -> Transducer:
    """Hand what `first` says to `second`; a state is a pair of theirs (chapter 14).

    Only what can be reached and leads to an end is kept. `second` reads a word with each arc.
    """
    leaving: dict[tuple, list[Arc]] = defaultdict(list)
    for arc in second.arcs:
        leaving[arc.source, arc.heard].append(arc)
    own: dict[Any, list[Arc]] = defaultdict(list)
    for arc in first.arcs:
        own[arc.source].append(arc)
    start = (first.start, second.start)
    arcs, waiting, seen = [], [start], {start}
    while waiting:
        state = waiting.pop()
        for a in own[state[0]]:
            if a.said:
                steps = [
                    Arc(state, a.heard, b.said, a.weight + b.weight, (a.target, b.target))
                    for b in leaving[state[1], a.said]
                ]
            else:
                steps = [Arc(state, a.heard, "", a.weight, (a.target, state[1]))]
            arcs += steps
            fresh = {step.target for step in steps} - seen
            seen |= fresh
            waiting += sorted(fresh, key=repr)
    ends = {
        pair: first.ends[pair[0]] + second.ends[pair[1]]
        for pair in seen
        if pair[0] in first.ends and pair[1] in second.ends
    }
    return trimmed(Transducer(tuple(arcs), start, ends))


def trimmed(graph: Transducer) -> Transducer:
    """Leave out the arcs from which no end can be reached."""
    into = defaultdict(list)
    for arc in graph.arcs:
        into[arc.target].append(arc.source)
    useful, waiting = set(graph.ends), list(graph.ends)
    while waiting:
        fresh = set(into[waiting.pop()]) - useful
        useful |= fresh
        waiting += fresh
    return replace(graph, arcs=tuple(arc for arc in graph.arcs if arc.target in useful))


def ctc_topology(words: Iterable[str]) -> Transducer:
    """Read a path of CTC symbols as words: a word is said when its symbol begins (chapter 14)."""
    words, blank = list(words), BLANK_NAME
    arcs = [Arc(blank, blank, "", 0.0, blank)]
    for word in words:
        arcs += [
            Arc(blank, word, word, 0.0, word),
            Arc(word, word, "", 0.0, word),
            Arc(word, blank, "", 0.0, blank),
        ]
        arcs += [Arc(word, other, other, 0.0, other) for other in words if other != word]
    return Transducer(tuple(arcs), blank, dict.fromkeys([blank, *words], 0.0))


# ---------------------------------------------------------------- search


@dataclass(frozen=True)
class Reading:
    """What a search found.

    words : as they were spoken
    meant : as the grammar writes them (synonyms are one word)
    times : (words,) output at which each begins
    confidences : (words,) largest probability of the word's symbol while the path is in it
    score : logarithm of the path's probability, weights included
    sound : the same without the weights
    path : (outputs,) symbol of each output
    """

    words: tuple[str, ...]
    meant: tuple[str, ...]
    times: np.ndarray
    confidences: np.ndarray
    score: float
    sound: float
    path: np.ndarray


class Search:
    """Find the best path of a transducer through a table of probabilities (chapter 14).

    graph : every arc reads one symbol, as `compose(ctc_topology(…), …)` makes it
    symbols : names of the table's columns
    scale : the graph's weights are multiplied by it
    """

    def __init__(self, graph: Transducer, symbols: Sequence[str], scale: float = 1.0):
        column = {name: k for k, name in enumerate(symbols)}
        states = {state: k for k, state in enumerate(sorted(graph.states, key=repr))}
        self.arcs = sorted(graph.arcs, key=lambda arc: states[arc.target])
        self.heard = np.array([column[arc.heard] for arc in self.arcs])
        self.source = np.array([states[arc.source] for arc in self.arcs])
        target = np.array([states[arc.target] for arc in self.arcs])
        self.weight = np.array([arc.weight for arc in self.arcs]) * scale
        self.reached, self.first = np.unique(target, return_index=True)
        last = [*self.first[1:], len(target)]
        slices = (slice(*span) for span in zip(self.first, last, strict=True))
        self.into = dict(zip(self.reached.tolist(), slices, strict=True))
        self.ends = np.full(len(states), np.inf)
        for state, weight in graph.ends.items():
            self.ends[states[state]] = weight * scale
        self.begin = states[graph.start]
        self.said = [arc.said for arc in self.arcs]

    def start(self) -> list[np.ndarray]:
        """State of a search that has heard nothing: the score of each state."""
        scores = np.full(len(self.ends), -np.inf)
        scores[self.begin] = 0.0
        return [scores]

    def step(self, history: list[np.ndarray], table: np.ndarray) -> list[np.ndarray]:
        """Hear further outputs, log probabilities (outputs, symbols); add their scores."""
        history = list(history)
        for output in table:
            scores = np.full(len(self.ends), -np.inf)
            found = history[-1].take(self.source)
            found -= self.weight
            found += output.take(self.heard)
            scores[self.reached] = np.maximum.reduceat(found, self.first)
            history.append(scores)
        return history

    def result(self, history: list[np.ndarray], table: np.ndarray) -> Reading | None:
        """Read off the best path to an end; None where there is no such path.

        `table` is all that was heard. Which arc won is found again on the way back.
        """
        final = history[-1] - self.ends
        here = int(final.argmax())
        if not np.isfinite(final[here]):
            return None
        score, taken = float(final[here]), []
        for scores, output in zip(history[-2::-1], table[::-1], strict=True):
            into = self.into[here]
            found = scores[self.source[into]] - self.weight[into] + output[self.heard[into]]
            taken.append(int(into.start + found.argmax()))
            here = int(self.source[taken[-1]])
        taken.reverse()
        path = self.heard[taken]
        starts = [t for t, arc in enumerate(taken) if self.said[arc]]
        confidences = [
            np.exp(max(table[t, path[t]] for t in range(a, b) if path[t] == path[a]))
            for a, b in itertools.pairwise([*starts, len(path)])
        ]
        return Reading(
            tuple(self.arcs[taken[t]].heard for t in starts),
            tuple(self.said[taken[t]] for t in starts),
            np.array(starts, int),
            np.array(confidences),
            score,
            float(table[np.arange(len(path)), path].sum()),
            path,
        )

    def __call__(self, table: np.ndarray) -> Reading | None:
        """Search a whole table of log probabilities (outputs, symbols)."""
        return self.result(self.step(self.start(), table), table)


# ---------------------------------------------------------------- the grammar

SLOTS: dict[str, tuple[str, ...]] = {
    "ROOM": ("kitchen", "bedroom", "bathroom", "garden"),
    "COLOUR": ("red", "green", "blue", "warm", "cold", "bright", "dark"),
    "OPENING": ("door", "window"),
    "DIGIT": DIGITS,
    "UNIT": ("seconds", "minutes", "hour"),
    "DAYTIME": ("morning", "evening"),
    "DAY": ("today", "tomorrow"),
    "KIND": ("train", "bus"),
    "PLACE": ("station", "park", "market", "bridge", "school", "river", "church", "museum"),
}
TEMPLATES: dict[str, tuple[str, ...]] = {
    "light on": ("turn on the light [in the ROOM]",),
    "light off": ("turn off the light [in the ROOM]",),
    "light colour": ("set the light [in the ROOM] to COLOUR",),
    "heat up": ("turn up the heat",),
    "heat down": ("turn down the heat",),
    "open": ("open the OPENING",),
    "close": ("close the OPENING",),
    "play": ("play [the] music [in the ROOM]",),
    "stop music": ("stop the music",),
    "louder": ("louder", "turn up the volume"),
    "quieter": ("quieter", "turn down the volume"),
    "timer": ("set the timer for DIGIT [DIGIT] UNIT", "set the timer"),
    "stop timer": ("stop the timer",),
    "alarm": ("set the alarm for DIGIT in the DAYTIME", "set the alarm"),
    "navigate": ("navigate to the PLACE", "navigate to the KIND station", "navigate"),
    "weather": ("what the weather DAY", "weather DAY"),
    "duration": ("[for] DIGIT [DIGIT] UNIT",),
    "place": ("[the] PLACE", "[the] KIND station"),
    "yes": ("yes",),
    "no": ("no",),
    "cancel": ("cancel",),
    "undo": ("undo",),
    "repeat": ("repeat",),
    "help": ("help",),
    "hello": ("hello",),
    "thanks": ("thanks",),
}
# Other ways to say a word of the grammar, and how probable each is
LEXICON: dict[str, dict[str, float]] = {
    "light": {"light": 0.5, "lamp": 0.5},
    "music": {"music": 0.5, "song": 0.5},
    "navigate": {"navigate": 0.5, "go": 0.5},
}
QUIET = ("please", "computer")  # words that change no meaning


@dataclass(frozen=True)
class Command:
    """What somebody wants: an intent of `TEMPLATES`, and what its slots hold."""

    intent: str
    slots: tuple[tuple[str, str], ...] = ()

    def __getitem__(self, slot: str) -> str:
        return dict(self.slots).get(slot, "")

    def __str__(self) -> str:
        inside = ", ".join(f"{name} = {value}" for name, value in self.slots)
        return f"{self.intent}({inside})"


def expand(template: str) -> list[list[str]]:
    """Write a template without brackets: each part in brackets once with and once without."""
    parts: list[list[list[str]]] = []
    for piece in template.replace("[", "|[").replace("]", "|").split("|"):
        if piece.strip(" ["):
            words = piece.strip(" [").split()
            parts.append([words, []] if piece.startswith("[") else [words])
    return [list(itertools.chain(*choice)) for choice in itertools.product(*parts)]


def lexicon(words: Iterable[str]) -> Transducer:
    """Read spoken words as words of the grammar: one state, an arc for each pair."""
    words = list(words)
    arcs = [
        Arc(0, spoken, word, -float(np.log(share)), 0)
        for word, ways in LEXICON.items()
        for spoken, share in ways.items()
    ]
    known = {arc.heard for arc in arcs}
    arcs += [Arc(0, word, word, 0.0, 0) for word in words if word not in known]
    return Transducer(tuple(arcs), 0, {0: 0.0})


def union(templates: Mapping[str, Sequence[str]] = TEMPLATES, joined: bool = True) -> Transducer:
    """Write the templates as one acceptor: a chain each, a slot is some arcs side by side.

    All intents are equally probable, then all their templates, then all words of a slot.
    `joined` : commands may begin with "computer", have a "please", and follow each other
    with an "and".
    """
    arcs: list[Arc] = []
    if joined:
        arcs += [
            Arc("start", "computer", "computer", 1.0, "called"),
            *(Arc(s, "please", "please", 2.0, "asked") for s in ("start", "called")),
            Arc("end", "please", "please", 2.0, "thanked"),
            Arc("end", "and", "and", 3.0, "next"),
        ]
    begins = ("start", "called", "asked", "next") if joined else ("start",)
    for intent, lines in templates.items():
        chains = [chain for line in lines for chain in expand(line)]
        for number, chain in enumerate(chains):
            states = [(intent, number, place) for place in range(len(chain))] + ["end"]
            for place, part in enumerate(chain):
                choices = SLOTS.get(part, (part,))
                weight = float(np.log(len(choices)))
                sources = begins if place == 0 else (states[place],)
                weight += float(np.log(len(templates) * len(chains))) if place == 0 else 0.0
                arcs += [
                    Arc(source, word, word, weight, states[place + 1])
                    for source in sources
                    for word in choices
                ]
    return Transducer(tuple(arcs), "start", {"end": 0.0} | ({"thanked": 0.0} if joined else {}))


def command_graph(symbols: Sequence[str], grammar: Transducer | None = None) -> Transducer:
    """Compose the topology of CTC, the lexicon and a grammar into one graph to search."""
    words = [name for name in symbols if name != BLANK_NAME]
    grammar = grammar or union()
    return compose(ctc_topology(words), compose(lexicon(words), grammar))


def sample_command(
    rng: np.random.Generator, intents: Sequence[str] = tuple(TEMPLATES)
) -> tuple[tuple[str, ...], Command]:
    """Draw what somebody says, synonyms included, and what it means."""
    intent = intents[int(rng.integers(len(intents)))]
    chains = [chain for line in TEMPLATES[intent] for chain in expand(line)]
    chain = chains[rng.integers(len(chains))]
    spoken, slots = [], []
    for part in chain:
        word = str(rng.choice(SLOTS[part])) if part in SLOTS else part
        slots += [(part, word)] if part in SLOTS else []
        ways = LEXICON.get(word, {word: 1.0})
        spoken.append(str(rng.choice(list(ways), p=list(ways.values()))))
    return tuple(spoken), Command(intent, joined_slots(slots))


def joined_slots(slots: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """Join two digits to one number, and the kind of a station to its name."""
    found: dict[str, str] = {}
    for name, value in slots:
        if name == "DIGIT":
            found["NUMBER"] = found.get("NUMBER", "") + str(DIGITS.index(value))
        elif name == "KIND":
            found["PLACE"] = f"{value} station"
        else:
            found[name] = value
    return tuple(sorted(found.items()))


def parse(words: Sequence[str]) -> list[Command] | None:
    """Read words (synonyms allowed) as commands, by the templates alone; None if they fit none."""
    same = {spoken: word for word, ways in LEXICON.items() for spoken in ways}
    plain = [same.get(word, word) for word in words if word not in QUIET]
    found = []
    for joined, group in itertools.groupby(plain, lambda word: word == "and"):
        if not joined:
            command = parse_one(list(group))
            if command is None:
                return None
            found.append(command)
    return found or None


def parse_one(words: list[str]) -> Command | None:
    """Read the words of one command."""
    for intent, lines in TEMPLATES.items():
        for chain in itertools.chain(*map(expand, lines)):
            fits = len(chain) == len(words) and all(
                word in SLOTS.get(part, (part,)) for part, word in zip(chain, words, strict=True)
            )
            if fits:
                slots = [(p, w) for p, w in zip(chain, words, strict=True) if p in SLOTS]
                return Command(intent, joined_slots(slots))
    return None


# ---------------------------------------------------------------- the home and the map


@dataclass
class Home:
    """What can be switched: the state of a small home. A light is "", or the colour it has."""

    lights: dict[str, str] = field(default_factory=lambda: dict.fromkeys(SLOTS["ROOM"], ""))
    music: str = ""  # the room in which it plays
    volume: int = 5  # 0 to 10
    heat: int = 20  # degrees Celsius
    open: dict[str, bool] = field(default_factory=lambda: dict.fromkeys(SLOTS["OPENING"], False))
    timers: list[int] = field(default_factory=list)  # seconds each
    alarms: list[str] = field(default_factory=list)
    way: list[str] = field(default_factory=list)


# Crossings of the map: name, and where it lies (100 m east, 100 m north)
PLACES: dict[str, tuple[float, float]] = {
    "home": (0, 0), "school": (2, 0), "church": (4, 0), "park": (0, 2), "market": (2, 2.4),
    "bus station": (4, 2), "bridge": (2, 4), "river": (0, 4.4), "train station": (5, 4),
}  # fmt: skip
STREETS: tuple[tuple[str, str], ...] = (
    ("home", "school"), ("home", "park"), ("school", "church"), ("school", "market"),
    ("church", "bus station"), ("park", "river"), ("market", "bridge"), ("market", "bus station"),
    ("river", "bridge"), ("bus station", "train station"), ("bridge", "train station"),
)  # fmt: skip


def shortest_way(
    start: str, goal: str, streets: Iterable[tuple[str, str]] = STREETS
) -> tuple[float, list[str]]:
    """Length in units of 100 m, and crossings, of the shortest way (Dijkstra 1959)."""
    lengths: dict[str, dict[str, float]] = defaultdict(dict)
    for a, b in streets:
        lengths[a][b] = lengths[b][a] = float(np.hypot(*np.subtract(PLACES[a], PLACES[b])))
    waiting, done = [(0.0, start, [start])], set()
    while waiting:
        length, here, way = heapq.heappop(waiting)
        if here == goal:
            return length, way
        if here not in done:
            done.add(here)
            for there, more in lengths[here].items():
                heapq.heappush(waiting, (length + more, there, [*way, there]))
    raise ValueError(f"no street leads from {start} to {goal}")


# ---------------------------------------------------------------- the dialogue

SECONDS_OF = {"seconds": 1, "minutes": 60, "hour": 3600}
HELP = "Say for example: turn on the light in the kitchen, set the timer for five minutes, undo."


class Assistant:
    """Answers commands, changes a home, asks back, confirms, undoes (chapter 14).

    home : what it has switched
    waiting : the command for which an answer is awaited, or None
    """

    def __init__(self) -> None:
        self.home, self.place, self.reply = Home(), "home", "There is nothing to repeat."
        self.history: list[Home] = []
        self.waiting: Command | None = None

    def hear(self, words: Sequence[str], sure: bool = True) -> str:
        """Answer what was recognised; `sure` is False where it is better to ask again."""
        commands = parse(words) if sure else None
        before = copy.deepcopy(self.home)
        if commands is None:
            reply = "Sorry, I did not understand that. Say it again, or say help."
        else:
            reply = " ".join(self.answer(command) for command in commands)
        if self.home != before and all(c.intent != "undo" for c in commands or ()):
            self.history.append(before)
        self.reply = self.reply if commands and commands[0].intent == "repeat" else reply
        return self.reply

    def answer(self, command: Command) -> str:
        """Answer one command, or what was asked before."""
        asked, self.waiting = self.waiting, None
        intent = command.intent
        if asked and intent == "yes" and asked.intent == "open":
            return self.do_open(asked["OPENING"], True)
        if asked and intent in ("no", "cancel"):
            return "Then I leave it."
        if intent == "place":
            if asked and asked.intent == "navigate":
                return self.navigate(command["PLACE"])
            return f"What about the {command['PLACE']}? Say navigate to the {command['PLACE']}."
        if intent == "duration":
            if asked and asked.intent == "timer":
                return self.timer(command)
            return "What shall I do for so long? Say set the timer for it."
        if intent in ("yes", "no"):
            return "I have not asked anything."
        return self.act(command)

    def ask(self, command: Command, question: str) -> str:
        """Wait for the answer to a question about a command."""
        self.waiting = command
        return question

    def act(self, command: Command) -> str:
        """Carry out a command that stands alone."""
        home, intent, room = self.home, command.intent, command["ROOM"]
        where = f" in the {room}" if room else ""
        if intent in ("light on", "light off", "light colour"):
            colour = {"light on": "bright", "light off": ""}.get(intent, command["COLOUR"])
            colour = "" if colour == "dark" else colour
            for name in [room] if room else home.lights:
                home.lights[name] = colour
            return f"The light{where} is {colour or 'off'}."
        if intent in ("heat up", "heat down"):
            home.heat = min(28, max(12, home.heat + (1 if intent == "heat up" else -1)))
            return f"The heating is set to {home.heat} degrees."
        if intent in ("open", "close"):
            thing = command["OPENING"]
            if home.open[thing] == (intent == "open"):
                return f"The {thing} is {'open' if home.open[thing] else 'closed'} already."
            if (intent, thing) == ("open", "door"):
                return self.ask(command, "Open the door? Say yes or no.")
            return self.do_open(thing, intent == "open")
        if intent == "play":
            home.music = room or "bedroom"
            return f"Music plays in the {home.music}."
        if intent == "stop music":
            playing, home.music = home.music, ""
            return "The music has stopped." if playing else "No music is playing."
        if intent in ("louder", "quieter"):
            home.volume = min(10, max(0, home.volume + (2 if intent == "louder" else -2)))
            return f"The volume is {home.volume} of 10."
        if intent == "timer":
            return self.timer(command)
        if intent == "stop timer":
            stopped, home.timers = home.timers, []
            return "The timer is off." if stopped else "No timer is running."
        if intent == "alarm":
            return self.alarm(command)
        if intent == "navigate":
            return self.navigate(command["PLACE"])
        if intent == "weather":
            return f"I have no window to look out of: I cannot say the weather {command['DAY']}."
        if intent == "undo":
            if not self.history:
                return "There is nothing to undo."
            self.home = self.history.pop()
            return "Undone."
        simple = {"hello": "Hello.", "thanks": "You are welcome.", "help": HELP}
        return simple.get(intent, "There is nothing to cancel.")

    def do_open(self, thing: str, opened: bool) -> str:
        """Open or close the door or the window."""
        self.home.open[thing] = opened
        return f"The {thing} is {'open' if opened else 'closed'}."

    def timer(self, command: Command) -> str:
        """Start a timer, or ask how long it is to run."""
        if not command["NUMBER"]:
            return self.ask(Command("timer"), "For how long?")
        number, unit = int(command["NUMBER"]), command["UNIT"]
        if number == 0:
            return self.ask(Command("timer"), "A timer of zero would ring at once. For how long?")
        self.home.timers = [*self.home.timers, number * SECONDS_OF[unit]]
        unit = unit.rstrip("s") + ("" if number == 1 else "s")
        return f"A timer runs for {number} {unit}."

    def alarm(self, command: Command) -> str:
        """Set an alarm, if the hour exists."""
        if not command["NUMBER"]:
            return "Say when, for example: set the alarm for seven in the morning."
        hour = int(command["NUMBER"])
        if hour == 0:
            return "There is no zero o'clock. Say a number from one to nine."
        when = f"{hour} in the {command['DAYTIME']}"
        self.home.alarms = [*self.home.alarms, when]
        return f"The alarm is set for {when}."

    def navigate(self, place: str) -> str:
        """Find the way to a place, or ask which place is meant."""
        if not place:
            return self.ask(Command("navigate"), "Where to?")
        meant = [name for name in PLACES if name == place or name.endswith(f" {place}")]
        if len(meant) > 1:
            return self.ask(Command("navigate"), f"The {' or the '.join(meant)}?")
        if not meant:
            known = ", ".join(name for name in PLACES if name != self.place)
            return f"There is no {place} on this map. I know: {known}."
        length, self.home.way = shortest_way(self.place, meant[0])
        return f"{100 * length:.0f} m to the {meant[0]}: {', '.join(self.home.way[1:])}."
