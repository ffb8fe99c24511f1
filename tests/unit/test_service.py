"""The service with a recogniser that is not one: what it answers, refuses, and forgets."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import io
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import tracemalloc
import weakref
from pathlib import Path

from course_utils.serving import service
from course_utils.serving.dialogue import Heard
from course_utils.serving.service import Limits, create_app, running
from course_utils.serving.streaming import Event

import httpx
import numpy as np
import pytest
import soundfile
import websockets
from fastapi import HTTPException
from websockets.sync.client import connect

TENTH = np.full(800, 1000, "<i2").tobytes()  # 100 ms


class Stream:
    """Says "1 2 3 …", one more for each half second; fails at full scale; slow where asked."""

    def __init__(self, owner: Recogniser):
        self.owner, self.n_samples = owner, 0

    def result(self, kind: str) -> tuple[Event]:
        said = tuple(i % 10 for i in range(1, 1 + self.n_samples // 4000))
        times = tuple(0.5 * (i + 1) for i in range(len(said)))
        return (Event(kind, " ".join(map(str, said)), said, times, 0.0, times[-1], 1.0),)

    def accept(self, waveform: np.ndarray) -> tuple[Event, ...]:
        assert waveform.dtype == np.float32 and waveform.ndim == 1
        assert np.abs(waveform).max() <= 1
        time.sleep(self.owner.seconds)
        self.owner.works.set()
        self.owner.may_go_on.wait(60)
        if waveform.max() > 0.99:
            raise RuntimeError("this fake cannot stand noise")
        before, self.n_samples = self.n_samples, self.n_samples + len(waveform)
        return self.result("partial") if self.n_samples // 4000 > before // 4000 else ()

    def finish(self) -> tuple[Event, ...]:
        return self.result("final") if self.n_samples >= 4000 else ()


class Recogniser:
    def __init__(self, seconds: float = 0.0):
        self.seconds, self.streams = seconds, weakref.WeakSet()
        self.works, self.may_go_on = threading.Event(), threading.Event()
        self.may_go_on.set()

    def stream(self) -> Stream:
        stream = Stream(self)
        self.streams.add(stream)
        return stream


class Spoken:
    """Hears "hello" after each half second of sound; fails at full scale."""

    def __init__(self):
        self.n_samples = 0

    def accept(self, waveform: np.ndarray) -> tuple[Heard, ...]:
        if waveform.max(initial=0) > 0.99:
            raise RuntimeError("this fake cannot stand noise")
        before, self.n_samples = self.n_samples, self.n_samples + len(waveform)
        if self.n_samples // 4000 == before // 4000:
            return ()
        return (Heard("partial", ("hello",), False, 0.5), Heard("final", ("hello",), True, 0.5))

    def finish(self) -> tuple[Heard, ...]:
        return (Heard("final", ("thanks",), True, 1.0),) if self.n_samples % 4000 else ()


class Commands:
    """In place of a recogniser of commands."""

    def __init__(self):
        self.streams = weakref.WeakSet()

    def stream(self) -> Spoken:
        stream = Spoken()
        self.streams.add(stream)
        return stream


def sound(seconds=1.0, rate=8000, channels=1, form="WAV", level=0.1) -> bytes:
    wave = level * np.sin(2 * np.pi * 440 * np.arange(int(seconds * rate)) / rate)
    file = io.BytesIO()
    soundfile.write(file, np.stack([wave] * channels, 1), rate, format=form, subtype="PCM_16")
    return file.getvalue()


@pytest.fixture(scope="module", autouse=True)
def only_what_comes_later_is_collected():
    """Make `gc.collect` quick: it looks at what the tests make, not at all that was imported."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


@pytest.fixture(scope="module")
def client():
    """A client of a service with its normal limits."""
    app = create_app(Recogniser(), commands=Commands())
    with running(app) as address, httpx.Client(base_url=address) as client:
        yield client


@pytest.fixture(scope="module")
def limits() -> Limits:
    return Limits(streams=5, files=2, uploads=3, stream_seconds=3, idle_seconds=1.5,
                  ahead_seconds=1.5,
                  message_bytes=8000, upload_bytes=100_000, file_seconds=2.0,
                  dialogues=2, dialogue_seconds=3, dialogue_idle_seconds=1.5, commands=4,
                  typed_characters=40)  # fmt: skip


@pytest.fixture(scope="module")
def recogniser() -> Recogniser:
    return Recogniser()


@pytest.fixture(scope="module")
def commands() -> Commands:
    return Commands()


@pytest.fixture(scope="module")
def address(recogniser, commands, limits) -> str:
    with running(create_app(recogniser, limits, commands=commands)) as address:
        yield address


@pytest.fixture(scope="module")
def observer(address):
    """A client that is made once: to make one takes longer than to ask."""
    with httpx.Client(base_url=address) as client:
        yield client


@pytest.fixture(autouse=True)
def nothing_is_left(request):
    """After each test against the real server: no stream is counted, and none is alive."""
    if "address" not in request.fixturenames:
        yield
        return
    observer = request.getfixturevalue("observer")
    recogniser, commands = map(request.getfixturevalue, ("recogniser", "commands"))
    yield
    for _ in range(100):
        health = observer.get("/health").json()
        gc.collect()
        counts = [health[kind] for kind in ("streams", "files", "dialogues")]
        left = [*counts, len(recogniser.streams), len(commands.streams)]
        if not any(left):
            return
        time.sleep(0.05)
    raise AssertionError(f"streams, files and stream objects are left: {left}")


def dial(address: str, path: str = "/stream", **options):
    url = address.replace("http", "ws") + path
    return connect(url, compression=None, legacy=False, **options)


def ending(connection) -> tuple[int, str]:
    """Read answers until the service closes; return its close code and reason."""
    with pytest.raises(websockets.ConnectionClosed) as closed:
        while True:
            connection.recv(timeout=10)
    assert closed.value.rcvd is not None, "closed without a close frame"
    assert len(closed.value.rcvd.reason.encode()) <= 123
    return closed.value.rcvd.code, closed.value.rcvd.reason


# ---------------------------------------------------------------- files


def test_health(client):
    health = client.get("/health").json()
    assert health["status"] == "ok"
    assert not any(health[kind] for kind in ("streams", "files", "uploads", "dialogues"))
    assert Limits(**health["limits"]) == Limits()


@pytest.mark.parametrize("form", ["WAV", "FLAC"])
@pytest.mark.parametrize("rate, channels", [(8000, 1), (8000, 2), (44100, 2), (48000, 1)])
def test_a_file_is_recognised_whatever_its_rate_and_channels(client, form, rate, channels):
    answer = client.post("/recognise", content=sound(2.3, rate, channels, form))
    assert answer.status_code == 200
    found = answer.json()
    assert found["text"] == "1 2 3 4"
    assert abs(found["seconds"] - 2.3) < 0.001
    assert [result["kind"] for result in found["results"]] == ["final"]


BAD_FILES = {
    "empty": (b"", 400, "The body is empty"),
    "text": (b"one two three", 415, "no sound file"),
    "cut header": (sound()[:20], 415, "no sound file"),
    "header only": (sound()[:44], 422, "0 ms"),
    "silence": (sound(level=0.0), 422, "only silence"),
    "a click": (sound(0.01), 422, "shorter than one frame"),
    "four channels": (sound(channels=4), 415, "WAV, 4 channels at 8000 Hz"),
    "96 kHz": (sound(rate=96000), 415, "at 96000 Hz"),
    "another kind": (sound(form="AIFF"), 415, "AIFF"),
    "too long": (sound(60.1), 413, "longer than 60 s"),
    "too large": (bytes(12_000_001), 413, "larger than 12000000 bytes"),
}


@pytest.mark.parametrize("name", BAD_FILES)
def test_a_bad_file_is_refused_with_the_reason(client, name):
    body, status, reason = BAD_FILES[name]
    answer = client.post("/recognise", content=body)
    assert answer.status_code == status
    assert reason in answer.json()["detail"]
    assert client.get("/health").json()["files"] == 0


def test_a_bomb_is_not_unpacked(address, limits):
    bomb = sound(100, 48000, 2, "FLAC", level=0.0)
    assert len(bomb) < limits.upload_bytes, "19 MB of zeros in a few kB"
    answer = httpx.post(f"{address}/recognise", content=bomb)
    assert answer.status_code == 413 and "longer than 2 s" in answer.json()["detail"]
    tracemalloc.start()
    with pytest.raises(HTTPException):
        service.read_sound(bomb, limits)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 3_000_000, f"{peak} bytes for 2 s of stereo"


def test_samples_that_are_no_numbers_are_refused(client):
    file = io.BytesIO()
    soundfile.write(file, np.full(8000, np.nan), 8000, format="WAV", subtype="FLOAT")
    answer = client.post("/recognise", content=file.getvalue())
    assert answer.status_code == 422 and "NaN" in answer.json()["detail"]


def test_a_body_without_end_is_cut_at_the_limit(address, limits):
    sent = 0

    def endless():
        nonlocal sent
        for _ in range(10_000):
            sent += 1000
            yield bytes(1000)

    answer = httpx.post(f"{address}/recognise", content=endless())
    assert answer.status_code == 413
    assert sent < 10_000_000, "the service read all of it"


def raw_upload(address: str, promised: int, sent: bytes) -> socket.socket:
    host, port = address.removeprefix("http://").split(":")
    wire = socket.create_connection((host, int(port)))
    head = f"POST /recognise HTTP/1.1\r\nHost: {host}:{port}\r\nContent-Length: {promised}\r\n\r\n"
    wire.sendall(head.encode() + sent)
    return wire


def test_a_file_that_does_not_arrive_is_not_waited_for(address):
    with raw_upload(address, 10_000, bytes(100)) as wire:
        wire.settimeout(5)
        assert b" 408 " in wire.recv(1000)


def test_a_file_that_stops_in_the_middle_leaves_nothing(address):
    raw_upload(address, 10_000, bytes(100)).close()


def test_too_many_files_at_once_are_told_to_come_again(address, limits):
    waiting = [raw_upload(address, 10_000, b"") for _ in range(limits.uploads)]
    for _ in range(100):
        if httpx.get(f"{address}/health").json()["uploads"] == limits.uploads:
            break
        time.sleep(0.01)
    answer = httpx.post(f"{address}/recognise", content=sound())
    assert answer.status_code == 503 and answer.headers["retry-after"] == "1"
    for wire in waiting:
        wire.close()


@pytest.mark.parametrize(
    "path",
    ["/../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/..%2f..%2fetc%2fpasswd", "/page.html",
     "//etc/passwd", "/service.py", "/docs", "/redoc", "/%00", "/recognise/../../Makefile"],
)  # fmt: skip
def test_no_path_leads_to_a_file(address, path):
    host, port = address.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port))) as wire:  # httpx would tidy the path
        wire.sendall(f"GET {path} HTTP/1.1\r\nHost: {host}:{port}\r\n\r\n".encode())
        assert wire.recv(1000).startswith(b"HTTP/1.1 404 ")


def test_openapi_names_every_way_in(client):
    schema = client.get("/openapi.json").json()
    assert set(schema["paths"]) == {"/", "/health", "/home", "/recognise"}
    assert {"/stream", "/assistant"} <= set(re.findall("`(/\\w+)`", schema["info"]["description"]))
    body = schema["paths"]["/recognise"]["post"]["requestBody"]
    assert set(body["content"]) == {"audio/wav", "audio/flac"}


# ---------------------------------------------------------------- streams


def test_every_message_is_answered_in_order(address):
    with dial(address) as stream:
        for i in range(11):
            stream.send(TENTH)
            answer = json.loads(stream.recv(timeout=30))
            assert answer["heard"] == pytest.approx(0.1 * (i + 1))
            texts = [result["text"] for result in answer["results"]]
            assert texts == {4: ["1"], 9: ["1 2"]}.get(i, [])
        stream.send("end")
        last = json.loads(stream.recv(timeout=30))
        assert [(r["kind"], r["text"]) for r in last["results"]] == [("final", "1 2")]
        assert ending(stream) == (1000, "the end")


BAD_MESSAGES = {
    "text": ("hello", 1003, "binary messages"),
    "JSON": ('{"type": "start"}', 1003, "binary messages"),
    "odd bytes": (TENTH[:-1], 1007, "1599 bytes"),
    "no bytes": (b"", 1007, "0 bytes"),
    "too long": (bytes(8002), 1009, "at most 8000"),
    "much too long": (bytes(300_000), 1009, ""),
    "noise": (np.full(800, 32767, "<i2").tobytes(), 1011, "the recogniser failed"),
}


@pytest.mark.parametrize("name", BAD_MESSAGES)
def test_a_bad_message_ends_its_own_stream_with_a_reason(address, name):
    message, code, reason = BAD_MESSAGES[name]
    with dial(address) as good, dial(address) as bad:
        good.send(TENTH)
        bad.send(TENTH)
        assert json.loads(bad.recv(timeout=30))["heard"] == 0.1
        bad.send(message)
        found = ending(bad)
        assert found[0] == code and reason in found[1]
        for i in range(1, 6):  # the other one goes on
            assert json.loads(good.recv(timeout=30))["heard"] == pytest.approx(0.1 * i)
            good.send(TENTH)


def test_bytes_that_are_no_text_are_refused(address):
    with dial(address) as stream:
        stream.send(b"\xff\xfe", text=True)
        assert ending(stream)[0] == 1007


def test_a_stream_that_sends_nothing_is_ended(address, limits):
    with dial(address) as stream:
        stream.send(TENTH)
        began = time.monotonic()
        assert ending(stream) == (1008, "nothing came for 1.5 s")
        assert 1.3 < time.monotonic() - began < 10


def test_a_stream_that_sends_too_fast_is_ended(address):
    with dial(address) as stream:
        with contextlib.suppress(websockets.ConnectionClosed):
            for _ in range(100):
                stream.send(TENTH)
        code, reason = ending(stream)
        assert code == 1008 and "too fast" in reason


def test_a_stream_in_real_time_runs_until_it_is_too_long(address, limits):
    with dial(address) as stream, pytest.raises(websockets.ConnectionClosed) as closed:
        while True:
            stream.send(TENTH)
            assert "heard" in json.loads(stream.recv(timeout=30))
            time.sleep(0.08)
    assert closed.value.rcvd.code == 1008
    assert closed.value.rcvd.reason == "longer than 3 s: begin anew"


def test_a_stream_that_trickles_is_too_long_by_the_clock(address):
    with dial(address) as stream, pytest.raises(websockets.ConnectionClosed) as closed:
        while True:
            stream.send(bytes(2))
            stream.recv(timeout=30)
            time.sleep(0.3)
    assert closed.value.rcvd.reason == "longer than 3 s: begin anew"


def test_a_stream_that_stops_in_the_middle_leaves_nothing(address):
    with dial(address) as stream:
        stream.send(TENTH)
        stream.socket.shutdown(socket.SHUT_RDWR)  # no goodbye


def test_clients_that_break_the_rules_and_run_away(address, capfd):
    for _ in range(20):
        with dial(address) as stream:
            stream.send(TENTH[:-1])
            with contextlib.suppress(OSError):  # the answer, a close, may have come already
                stream.socket.shutdown(socket.SHUT_RDWR)
    time.sleep(0.2)
    assert "Traceback" not in capfd.readouterr().err


def test_a_client_that_leaves_while_it_is_answered(recogniser, address):
    recogniser.seconds = 0.3
    try:
        with dial(address) as stream:
            stream.send(TENTH)
            time.sleep(0.05)
            stream.socket.shutdown(socket.SHUT_RDWR)
        time.sleep(0.4)
    finally:
        recogniser.seconds = 0.0


def test_a_slow_recogniser_does_not_stop_the_others(recogniser, address):
    """No clock: the recogniser is held until another one has been answered."""
    recogniser.works.clear()
    recogniser.may_go_on.clear()
    try:
        with dial(address) as stream:
            stream.send(5 * TENTH)  # a long piece is worked on in a thread
            assert recogniser.works.wait(30)
            httpx.get(f"{address}/health", timeout=30).raise_for_status()
            recogniser.may_go_on.set()
            stream.recv(timeout=30)
    finally:
        recogniser.may_go_on.set()


def test_a_client_that_sends_ahead_of_the_recogniser_is_slowed_down(limits):
    """What is not yet worked on stays in the network, not in the memory of the service."""
    recogniser = Recogniser(seconds=0.05)
    roomy = Limits(ahead_seconds=1e9, stream_seconds=1e9)
    piece, sent = bytes(16_000), 0
    with running(create_app(recogniser, roomy)) as address, dial(address) as stream:
        stopped = threading.Event()

        def send():
            nonlocal sent
            try:
                while not stopped.is_set():
                    stream.send(piece)
                    sent += len(piece)
            except websockets.ConnectionClosed:
                pass

        sender = threading.Thread(target=send)
        sender.start()
        early, late = -1e9, 0
        for _ in range(30):  # seconds until what lies between the two is full
            time.sleep(1.0)
            early, late = late, sent
            if 0 < late < early + 40 * len(piece):
                break
        stopped.set()
        stream.socket.shutdown(socket.SHUT_RDWR)
        sender.join()
    assert 0 < late < early + 40 * len(piece), "1 s of the recogniser is 20 pieces"


@pytest.mark.slow
def test_a_thousand_connections():
    """All places are taken: a thousand are told to come later, and the first ones go on."""
    refused = []

    async def one(url: str) -> None:
        async with websockets.connect(url, compression=None, open_timeout=60) as stream:
            await stream.wait_closed()
            refused.append((stream.close_code, stream.close_reason))

    async def thousand(url: str) -> None:
        for _ in range(5):  # fewer at once than the usual 1,024 open files of a process
            await asyncio.gather(*(one(url) for _ in range(200)))

    app = create_app(Recogniser(), Limits(streams=5, idle_seconds=120))
    with running(app) as address, contextlib.ExitStack() as opened:
        streams = [opened.enter_context(dial(address)) for _ in range(5)]
        for stream in streams:
            stream.send(TENTH)
            stream.recv(timeout=30)
        assert httpx.get(f"{address}/health").json()["streams"] == 5
        crowd = threading.Thread(target=asyncio.run, args=[thousand(f"ws{address[4:]}/stream")])
        crowd.start()
        turns = 1
        while crowd.is_alive():
            turns += 1
            for stream in streams:
                stream.send(TENTH)
                assert json.loads(stream.recv(timeout=30))["heard"] == round(turns / 10, 4)
            time.sleep(0.1)
        for stream in streams:
            stream.send("end")
            assert ending(stream) == (1000, "the end")
        assert httpx.get(f"{address}/health").json()["streams"] == 0
    assert refused == [(1013, "busy with 5 streams")] * 1000
    assert turns > 3


def test_streams_do_not_disturb_one_another(address, limits):
    with dial(address) as long, dial(address) as short:
        for i in range(10):
            long.send(TENTH)
            if i % 2:
                short.send(TENTH)
        long.send("end")
        short.send("end")
        texts = []
        for stream in (long, short):
            last = ""
            for message in stream:
                last = next((r["text"] for r in json.loads(message)["results"]), last)
            texts.append(last)
    assert texts == ["1 2", "1"]


# ---------------------------------------------------------------- the assistant


def ask(line, message: str | bytes) -> dict:
    line.send(message)
    return json.loads(line.recv(timeout=30))


def replies(answer: dict) -> list[str]:
    return [turn["reply"] for turn in answer["turns"]]


def test_the_assistant_answers_what_is_typed_and_said(address):
    with dial(address, "/assistant") as line:
        (turn,) = ask(line, "say Turn on the lamp in the kitchen, please!")["turns"]
        assert turn["said"] == "turn on the lamp in the kitchen please" and not turn["asks"]
        assert turn["meaning"] == ["light on(ROOM = kitchen)"]
        assert turn["home"]["lights"]["kitchen"] == "bright"
        for _ in range(4):
            assert ask(line, TENTH) == {"partial": "", "turns": []}
        assert replies(ask(line, TENTH)) == ["Hello."]
        assert replies(ask(line, TENTH)) == [] and replies(ask(line, "end")) == ["You are welcome."]
        answer = ask(line, "reset")
        assert answer["home"] == httpx.get(f"{address}/home").json()["home"]
        assert replies(ask(line, "say undo")) == ["There is nothing to undo."]


def test_each_connection_has_its_own_home(address):
    with dial(address, "/assistant") as first, dial(address, "/assistant") as second:
        ask(first, "say turn on the light")
        assert replies(ask(second, "say undo")) == ["There is nothing to undo."]
        assert replies(ask(first, "say undo")) == ["Undone."]


BAD_COMMANDS = {
    "another text": ("hello", 1003, "end, reset, or say"),
    "JSON": ('{"say": "hello"}', 1003, "end, reset, or say"),
    "a novel": ("say " + 41 * "x", 1009, "at most 40 characters"),
    "odd bytes": (TENTH[:-1], 1007, "1599 bytes"),
    "a file": (b"RIFF" + TENTH, 1007, "a WAV file came"),
    "too long": (bytes(8002), 1009, "at most 8000"),
    "noise": (np.full(800, 32767, "<i2").tobytes(), 1011, "the recogniser failed"),
}


@pytest.mark.parametrize("name", BAD_COMMANDS)
def test_a_bad_message_ends_its_own_dialogue_with_a_reason(address, name):
    message, code, reason = BAD_COMMANDS[name]
    with dial(address, "/assistant") as good, dial(address, "/assistant") as bad:
        ask(bad, "say hello")
        bad.send(message)
        found = ending(bad)
        assert found[0] == code and reason in found[1]
        assert replies(ask(good, "say hello")) == ["Hello."]


NO_COMMANDS = ["say ", "say   ", "say \0\n", "say ☃", "say <b>light</b>", "say " + 39 * "1"]


@pytest.mark.parametrize("text", NO_COMMANDS)
def test_what_is_no_command_is_answered(address, text):
    with dial(address, "/assistant") as line:
        answer = ask(line, text)
        assert all("did not understand" in reply for reply in replies(answer))
        assert replies(ask(line, "say hello")) == ["Hello."]


def test_a_dialogue_has_an_end(address):
    with dial(address, "/assistant") as line:
        for _ in range(4):
            ask(line, "say louder")
        assert ending(line) == (1008, "more than 4 commands: begin anew")
    with dial(address, "/assistant") as line:
        assert ending(line) == (1008, "nothing came for 1.5 s")
    with dial(address, "/assistant") as line, pytest.raises(websockets.ConnectionClosed) as closed:
        while True:
            ask(line, TENTH[:200])
            time.sleep(0.3)
    assert closed.value.rcvd.reason == "longer than 3 s: begin anew"


def test_sound_for_the_assistant_that_is_too_fast(address):
    with dial(address, "/assistant") as line:
        with contextlib.suppress(websockets.ConnectionClosed):
            for _ in range(100):
                line.send(TENTH[:400])
                line.send("end")  # each end begins a new recording, and gives no time back
        code, reason = ending(line)
        assert code == 1008 and ("too fast" in reason or "commands" in reason)


def test_a_pause_is_no_credit_for_hours(monkeypatch, limits):
    clock = 0.0
    monkeypatch.setattr(service.time, "monotonic", lambda: clock)
    pace = service.Pace(limits)
    clock = 3600.0
    pace.take(np.zeros(8000 * 3))
    with pytest.raises(service.StreamEnded, match="too fast"):
        pace.take(np.zeros(8000))


def test_too_many_dialogues_are_told_to_come_later(address):
    with dial(address, "/assistant") as first, dial(address, "/assistant") as second:
        ask(first, "say hello"), ask(second, "say hello")
        with dial(address, "/assistant") as third:
            assert ending(third) == (1013, "busy with 2 dialogues")
        with dial(address) as stream:  # the digits have their own places
            stream.send("end")
            assert ending(stream)[0] == 1000


def test_a_client_of_the_assistant_that_vanishes_leaves_nothing(address):
    with dial(address, "/assistant") as line:
        ask(line, "say turn on the light")
        line.socket.shutdown(socket.SHUT_RDWR)


def test_without_a_recogniser_of_commands_there_is_no_assistant():
    with running(create_app(Recogniser())) as address:
        assert httpx.get(f"{address}/home").status_code == 404
        assert "drawHome" not in httpx.get(address).text
        with pytest.raises(websockets.InvalidStatus):
            with dial(address, "/assistant"):
                pass


# ---------------------------------------------------------------- foreign pages


FOREIGN = ["http://evil.example", "http://127.0.0.1:1", "null", "https://localhost.evil.example"]


@pytest.mark.parametrize("origin", FOREIGN)
def test_a_foreign_page_is_turned_away(address, origin):
    for path in ("/stream", "/assistant"):
        with pytest.raises(websockets.InvalidStatus) as refused:
            with dial(address, path, origin=origin):
                pass
        assert refused.value.response.status_code == 403
    for method, path in (("GET", "/health"), ("GET", "/home"), ("POST", "/recognise")):
        answer = httpx.request(method, f"{address}{path}", headers={"Origin": origin})
        assert answer.status_code == 403


def test_the_own_page_is_not(address):
    with dial(address, origin=address) as stream:
        stream.send("end")
        assert ending(stream)[0] == 1000
    port = address.rsplit(":", 1)[1]
    with dial(f"http://localhost:{port}", origin=f"http://localhost:{port}") as stream:
        stream.send("end")
        assert ending(stream)[0] == 1000
    answer = httpx.post(f"{address}/recognise", content=sound(), headers={"Origin": address})
    assert answer.status_code == 200


def test_a_name_that_was_made_to_point_here_is_not_answered(address):
    headers = {"Host": "evil.example", "Origin": "http://evil.example"}
    for path in ("/", "/health"):
        assert httpx.get(address + path, headers=headers).status_code == 400
    with pytest.raises(websockets.InvalidStatus) as refused:
        wire = socket.create_connection(("127.0.0.1", int(address.rsplit(":", 1)[1])))
        with connect("ws://evil.example/stream", sock=wire):
            pass
    assert refused.value.response.status_code == 403


def test_the_names_of_a_service():
    assert (
        service.host_name("[::1]:8000") == "::1" and service.host_name("localhost") == "localhost"
    )
    assert service.host_name("192.168.1.2:80") == "192.168.1.2"
    assert "::1" in service.names_of("::1")
    for everywhere in ("0.0.0.0", "::"):
        names = service.names_of(everywhere)
        assert socket.gethostname() in names and {"127.0.0.1", "localhost"} <= set(names)


# ---------------------------------------------------------------- what clients send by mistake


def test_a_form_upload_is_recognised_as_what_it_is(client):
    answer = client.post("/recognise", files={"file": ("a.wav", sound())})
    assert answer.status_code == 415 and "form upload" in answer.json()["detail"]
    assert "--data-binary" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("start", "kind"),
    [(b"\0\0\0\x20ftypM4A ", "MPEG-4"), (b"\x1a\x45\xdf\xa3", "WebM"), (b"#!AMR\n", "AMR")],
)
def test_a_format_that_is_not_read_is_named(client, start, kind):
    answer = client.post("/recognise", content=start + bytes(200))
    assert answer.status_code == 415 and kind in answer.json()["detail"]
    assert "convert it" in answer.json()["detail"]


def enormous() -> bytes:
    file = io.BytesIO()
    soundfile.write(file, np.full(8000, 3e38, np.float32), 44100, format="WAV", subtype="FLOAT")
    return file.getvalue()


def test_enormous_samples_are_no_error_of_the_service(client):
    answer = client.post("/recognise", content=enormous())
    assert answer.status_code == 422 and "as large as" in answer.json()["detail"]


WRONG_STREAMS = {
    "floats": (lambda: (0.1 * np.sin(np.arange(800.0))).astype("<f4").tobytes(), "32-bit floats"),
    "a WAV file": (lambda: sound()[:1600], "a WAV file came"),
    "WebM": (lambda: b"\x1a\x45\xdf\xa3" + bytes(200), "WebM"),
}


@pytest.mark.parametrize("kind", WRONG_STREAMS)
def test_a_stream_of_something_else_is_told_what_it_is(address, kind):
    make, reason = WRONG_STREAMS[kind]
    with dial(address) as stream:
        stream.send(make())
        code, said = ending(stream)
    assert code == 1007 and reason in said


def test_sound_of_another_rate_is_told_so(address, limits):
    message = service.too_fast(heard=4.0, passed=2.0, limits=limits)
    assert "16000 Hz?" in message and "8000 Hz is expected" in message
    assert "?" not in service.too_fast(heard=60.0, passed=1.0, limits=limits)


def test_whole_numbers_are_not_taken_for_floats():
    rng = np.random.default_rng(0)
    for level in (3, 100, 3000, 30000):
        wave = np.clip(level * rng.normal(size=4000), -32768, 32767).astype("<i2")
        assert not service.looks_like_floats(wave.tobytes()), level
    assert not service.looks_like_floats(bytes(400))


@pytest.mark.slow
def test_a_client_that_sends_single_samples_is_ended_and_others_are_served(address, observer):
    """Ten of them at once: each has its turn, none keeps the service from the others."""

    def flood():
        with dial(address) as stream, contextlib.suppress(websockets.ConnectionClosed):
            while True:
                stream.send(b"\0\0")

    threads = [threading.Thread(target=flood) for _ in range(4)]
    for thread in threads:
        thread.start()
    for _ in range(5):
        assert observer.get("/health", timeout=60).status_code == 200
    for thread in threads:
        thread.join(timeout=60)
    assert not any(thread.is_alive() for thread in threads), "each was ended"


def test_a_connection_that_asks_nothing_is_closed(monkeypatch):
    monkeypatch.setattr(service, "HEADER_SECONDS", 0.3)
    with running(create_app(Recogniser())) as address:
        port = int(address.rsplit(":", 1)[1])
        with socket.create_connection(("127.0.0.1", port)) as wire:
            wire.sendall(b"GET / HTTP/1.1\r\nHost: 127")  # and never the rest
            wire.settimeout(10)
            assert wire.recv(100) == b"", "it was closed"
        with dial(address) as stream:  # a stream is no half-sent request
            time.sleep(0.6)
            stream.send("end")
            assert ending(stream)[0] == 1000


# ---------------------------------------------------------------- the page


def test_the_page_loads_nothing_from_outside(client):
    page = client.get("/").text
    assert not re.search(r"(src|href|action)\s*=\s*[\"']?(?!data:)[\w/]", page)
    assert not re.search(r"https?://|@import|url\(|//[a-z]+\.", page)
    assert " style=" not in page and not re.search(r"\son\w+=", page), "the policy forbids them"


def test_the_page_is_protected(client):
    answer = client.get("/")
    policy = answer.headers["content-security-policy"]
    parts = dict(part.strip().split(" ", 1) for part in policy.split(";"))
    assert parts["default-src"] == "'none'" and parts["frame-ancestors"] == "'none'"
    assert parts["connect-src"] == "'self'"
    marked = re.fullmatch(r"'nonce-(\S{43})' blob:", parts["script-src"])
    assert answer.text.count(f"nonce={marked[1]}>") == 3, "two scripts, one style"
    assert marked[1] not in client.get("/").text, "each page has its own"
    assert "unsafe" not in policy and "http" not in policy and "*" not in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["permissions-policy"].startswith("microphone=(self)")


def contrast(first: str, second: str) -> float:
    """Ratio of luminances as WCAG 2.2 defines it."""

    def luminance(colour: str) -> float:
        digits = colour if len(colour) == 6 else "".join(2 * digit for digit in colour)
        values = np.array([int(digits[i : i + 2], 16) for i in (0, 2, 4)]) / 255
        linear = np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)
        return float(linear @ [0.2126, 0.7152, 0.0722])

    high, low = sorted((luminance(first), luminance(second)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_text_can_be_read_on_its_ground(client):
    assert contrast("000", "fff") == pytest.approx(21)
    style = re.split("<style.*?>", client.get("/").text)[1].split("</style>")[0]
    on_white = set(re.findall(r"(?<![-\w])color: #(\w+)", style)) - {"fff"}
    under_white = set(re.findall(r"border-color: #(\w+)", style)) | {"005a8f"}
    assert len(on_white) >= 3 and len(under_white) >= 3
    assert min(contrast(colour, "fff") for colour in on_white | under_white) >= 4.5
    assert contrast("b86e00", "fff") >= 3, "the ring around what has the focus"


# ---------------------------------------------------------------- starting


@pytest.mark.slow
def test_without_a_model_it_says_what_to_do(tmp_path):
    command = [
        sys.executable,
        "-m",
        "course_utils.serving.service",
        "--model",
        tmp_path / "none.keras",
    ]
    root = Path(service.__file__).parents[2]
    done = subprocess.run(command, capture_output=True, text=True, cwd=root)
    assert done.returncode == 1
    assert "There is no model" in done.stderr and "data.make_models" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.fixture
def command(tmp_path) -> tuple[int, dict]:
    """The whole of `make serve` but for the network: a free port, and how to start it there."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    script = tmp_path / "serve.py"
    script.write_text(
        "from course_utils.serving import service\n"
        "service.load_recogniser = lambda *_: None\n"
        "service.main()\n"
    )
    return port, {
        "args": [sys.executable, script, "--port", str(port)],
        "env": {**os.environ, "PYTHONPATH": str(Path(service.__file__).parents[2])},
        "stdout": subprocess.PIPE,
        "stderr": subprocess.STDOUT,
        "text": True,
    }


def test_the_command_refuses_a_port_that_is_taken(monkeypatch, capsys):
    monkeypatch.setattr(service, "load_recogniser", lambda *_: None)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        monkeypatch.setattr(sys, "argv", ["serve", "--port", str(taken.getsockname()[1])])
        with pytest.raises(SystemExit) as refused:
            service.main()
    assert capsys.readouterr().out == "", "no address that is somebody else's"
    reason = refused.value.code  # Python prints it, and exits with 1
    assert "\n" not in reason and "in use" in reason and "make serve PORT=" in reason


@pytest.mark.slow
def test_the_command_serves_until_it_is_interrupted(command):
    """Its answer, its words, its end."""
    port, start = command
    with subprocess.Popen(**start) as process:
        for _ in range(300):
            with contextlib.suppress(httpx.ConnectError):
                if httpx.get(f"http://127.0.0.1:{port}/health").status_code == 200:
                    break
            time.sleep(0.1)
        process.send_signal(signal.SIGINT)
        output, _ = process.communicate(timeout=30)
    assert process.returncode == 0
    assert output == f"Open http://127.0.0.1:{port} in a browser. Ctrl-C ends the service.\n"


def test_it_leaves_no_thread_and_no_port_behind():
    before = set(threading.enumerate())
    with running(create_app(Recogniser())) as address:
        httpx.post(f"{address}/recognise", content=sound()).raise_for_status()
        stream = dial(address).__enter__()  # still open when the service stops
    assert ending(stream)[0] == 1012
    for thread in (begun := set(threading.enumerate()) - before):
        thread.join(timeout=10)  # the client's own reader ends a moment after its stream
    assert not [thread for thread in begun if thread.is_alive()]
    with pytest.raises(httpx.ConnectError):
        httpx.get(address)


def test_nothing_of_a_stream_is_written_to_a_log(address, caplog):
    with caplog.at_level(0), dial(address) as stream:
        stream.send(TENTH)
        stream.recv(timeout=30)
        stream.send("end")
        ending(stream)
    ours = [record.getMessage() for record in caplog.records if record.name.startswith("uvicorn")]
    assert not [line for line in ours if "heard" in line or repr(TENTH[:4])[2:-1] in line]
