"""Talk to the assistant of chapter 14 while the sound comes in, or in writing.

A stream of sound becomes words of the grammar, the words become answers. It answers at once
where no command goes on as this one does, and otherwise after a pause.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from course_utils.connected_digits import STREAM_FRONT_END
from course_utils.corpora import DIGITS, SAMPLE_RATE
from course_utils.serving.assistant import (
    BLANK_NAME,
    PLACES,
    QUIET,
    SLOTS,
    STREETS,
    TEMPLATES,
    Arc,
    Assistant,
    Home,
    Reading,
    Search,
    Transducer,
    command_graph,
    expand,
    load_commands,
    parse,
    union,
)
from course_utils.serving.step_network import StepNetwork
from course_utils.serving.streaming import FLUSH_SECONDS, LEAST_VOICE_FRAMES, Stream

import numpy as np

if TYPE_CHECKING:
    import keras

__all__ = ["BEGINNING", "CommandRecogniser", "CommandStream", "Dialogue", "Heard", "words_of"]

LEAST_RATIO = -14.9  # below it the sound is no command; chapter 14 chooses it on other voices
LEAST_CONFIDENCE = 0.1  # of the surest word of a command; in the hum of a motor it is 0.02
SHORT_SECONDS = 0.15  # of silence end a command with which no longer one begins
PAUSE_SECONDS = 0.4  # end one that could go on, such as "set the timer"
UNFINISHED_SECONDS = 1.0  # end what is no whole command
UNREAD_SECONDS = 2.0  # without a word, however loud it is
LONGEST_SECONDS = 15.0
LEAD_OUTPUTS = 5  # kept before the first word: its symbol may rise slowly
BEGINNING = {"home": asdict(Home()), "places": PLACES, "streets": STREETS}

Array = np.ndarray
CHAINS = [
    chain for lines in TEMPLATES.values() for chain in itertools.chain(*map(expand, lines))
]  # fmt: skip


@dataclass(frozen=True)
class Heard:
    """What a stream of commands has heard.

    kind : "partial", the words so far as the network reads them; "final", the command
    words : as they were spoken
    sure : False where the sound is no command (chapter 14)
    end : when it was known, in seconds since the stream began
    """

    kind: str
    words: tuple[str, ...]
    sure: bool
    end: float


def spoken_grammar() -> Transducer:
    """Return the grammar of chapter 14, in which "and" may begin, and "please" stand alone.

    They may follow a command that was carried out at once.
    """
    grammar = union()
    more = Arc("start", "and", "and", 3.0, "next")
    ends = {**grammar.ends, "called": 2.0, "asked": 2.0}
    return replace(grammar, arcs=(*grammar.arcs, more), ends=ends)


def may_go_on(meant: Sequence[str]) -> bool:
    """Say whether a longer command begins with the last command of these words."""
    last: list[str] = []
    for word in meant:
        last = [] if word == "and" else last if word in QUIET else [*last, word]
    return any(
        len(chain) > len(last)
        and all(word in SLOTS.get(part, (part,)) for part, word in zip(chain, last))
        for chain in CHAINS
    )


class CommandRecogniser:
    """What all streams of commands share and none of them changes.

    Parameters
    ----------
    model : the `command_network` of chapter 14, or another causal network from
        `connected_digits.connected_digit_features` to the same symbols
    """

    sample_rate = SAMPLE_RATE

    def __init__(self, model: keras.Model):
        self.network, self.symbols = StepNetwork(model), load_commands().words
        given = self.network.n_bands, self.network.n_symbols
        if given != (STREAM_FRONT_END.n_mels, len(self.symbols)):
            raise ValueError(
                f"a network from {STREAM_FRONT_END.n_mels} bands to {len(self.symbols)} symbols "
                f"expected, given one from {given[0]} to {given[1]}: use the command_network"
            )
        self.search = Search(command_graph(self.symbols, spoken_grammar()), self.symbols)

    def stream(self) -> CommandStream:
        """Begin to listen."""
        return CommandStream(self)


class CommandStream(Stream):
    """The commands of one speaker, as they come in; `CommandRecogniser.stream` makes it."""

    def __init__(self, recogniser: CommandRecogniser):
        self.search, self.names = recogniser.search, recogniser.symbols
        self.blank = self.names.index(BLANK_NAME)
        super().__init__(recogniser.network)

    def begin_utterance(self) -> None:
        """Forget what was told as final."""
        self.began, self.last, self.previous = np.inf, 0.0, self.blank
        self.spoken: list[str] = []
        self.outputs: list[Array] = []
        self.scores = self.search.start()

    def finish(self) -> tuple[Heard, ...]:  # type: ignore[override]
        """End the stream, as if silence followed, and return what is left to say."""
        self.accept(np.empty(0, np.float32))  # refuses a stream that has finished
        silence = np.zeros(round(FLUSH_SECONDS * SAMPLE_RATE), np.float32)
        events = tuple(self.read(self.advance(silence)))
        self.finished = True
        return (*events, self.final(self.heard)) if self.spoken else events

    def read(self, logits: Array) -> Iterator[Heard]:  # type: ignore[override]
        """Search the outputs as they come, and find where commands end."""
        for output in logits - np.logaddexp.reduce(logits, axis=-1, keepdims=True):
            now, symbol = self.pass_frames(), int(output.argmax())
            if self.voiced < LEAST_VOICE_FRAMES:
                symbol = self.blank
            self.take(output, symbol)
            if symbol not in (self.blank, self.previous):
                self.spoken.append(self.names[symbol])
                yield Heard("partial", tuple(self.spoken), False, round(now, 3))
            if symbol != self.blank:
                self.mark_activity(now)
                self.last = now
            self.previous = symbol
            if self.spoken and symbol == self.blank and self.has_ended(now):
                yield self.final(now)
                self.begin_utterance()
            if now - self.heard >= UNFINISHED_SECONDS:
                self.voiced = 0

    def take(self, output: Array, symbol: int) -> None:
        """Keep an output, and search it once there is a word."""
        waiting = not self.spoken
        self.outputs.append(output)
        if waiting and symbol == self.blank:
            del self.outputs[:-LEAD_OUTPUTS]
        else:
            fresh = self.outputs if waiting else [output]
            self.scores = self.search.step(self.scores, np.array(fresh))

    def has_ended(self, now: float) -> bool:
        """Say whether what is being said is over: sooner, the more it is a whole command."""
        silent, unread = now - self.heard, now - self.last
        if unread >= UNREAD_SECONDS or now - self.began >= LONGEST_SECONDS:
            return True
        if silent < SHORT_SECONDS or silent >= UNFINISHED_SECONDS:
            return silent >= UNFINISHED_SECONDS
        reading = self.search.result(self.scores, np.array(self.outputs))
        if reading is None or not self.is_sure(reading):
            return False
        best = self.scores[-1].argmax()  # of all states, also in the middle of a command
        surely = np.isfinite(self.search.ends[best]) and not may_go_on(reading.meant)
        return bool(surely) or silent >= PAUSE_SECONDS

    def ratio(self, reading: Reading) -> float:
        """How much the sound had to be bent to be a command: 0 for nothing, else below."""
        return reading.sound - sum(float(output.max()) for output in self.outputs)

    def is_sure(self, reading: Reading) -> bool:
        """Say whether the sound is a command: little bent, and one word at least is certain."""
        return self.ratio(reading) >= LEAST_RATIO and max(reading.confidences) >= LEAST_CONFIDENCE

    def final(self, end: float) -> Heard:
        """Return the best command, or the words as they were read where it is none."""
        reading = self.search.result(self.scores, np.array(self.outputs))
        if reading is None or not self.is_sure(reading):
            return Heard("final", tuple(self.spoken), False, round(end, 3))
        return Heard("final", reading.words, True, round(end, 3))


def words_of(text: str) -> list[str]:
    """Return what somebody typed in words of the grammar: "25 minutes!" as two, five, minutes."""
    found = re.findall(r"\d|[^\W\d]+", text.lower())
    return [DIGITS[int(word)] if word.isdecimal() else word for word in found]


class Dialogue:
    """One assistant and what it hears and reads; nothing of it is kept elsewhere.

    Each method returns what a client is told: "partial", the words so far, and "turns", the
    commands that were answered, each with the home as it is then.
    """

    def __init__(self, recogniser: CommandRecogniser):
        self.recogniser = recogniser
        self.reset()

    def reset(self) -> dict[str, Any]:
        """Forget what was said and done."""
        self.assistant, self.changed = Assistant(), False
        self.stream = self.recogniser.stream()
        return {"partial": "", "turns": [], "home": asdict(self.assistant.home)}

    def accept(self, samples: Array) -> dict[str, Any]:
        """Hear a piece of sound (samples,) at 8 kHz."""
        events: tuple[Any, ...] = self.stream.accept(samples)  # as `CommandStream.read` makes them
        return self.tell(events)

    def finish(self) -> dict[str, Any]:
        """End what is being said; what comes next is a new recording."""
        events = self.stream.finish()
        self.stream = self.recogniser.stream()
        return self.tell(events)

    def read(self, text: str) -> dict[str, Any]:
        """Answer what was typed."""
        return self.tell([Heard("final", tuple(words_of(text)), True, 0.0)])

    def tell(self, events: Sequence[Heard]) -> dict[str, Any]:
        """Answer the commands in what was heard, one after the other."""
        turns = [self.answer(e) for e in events if e.kind == "final" and set(e.words) - {*QUIET}]
        partial = " ".join(events[-1].words) if events and events[-1].kind == "partial" else ""
        return {"partial": partial, "turns": turns}

    def answer(self, heard: Heard) -> dict[str, Any]:
        """Let the assistant answer, and say how the words were understood."""
        helper, commands = self.assistant, parse(heard.words) if heard.sure else None
        before = len(helper.history)
        reply = helper.hear(heard.words, heard.sure)
        change = len(helper.history) > before
        if change and self.changed and heard.words[0] == "and":
            helper.history.pop()  # one undo takes back both, as if it had been said at once
        self.changed = change
        return {
            "said": " ".join(heard.words),
            "meaning": [str(command) for command in commands or ()],
            "reply": reply,
            "asks": helper.waiting is not None,
            "home": asdict(helper.home),
        }
