"""The recogniser as a small service on this machine: HTTP and WebSocket (chapter 13).

`make serve`. Beside the digits it has the assistant of chapter 14. One connection, one coroutine,
one stream: a message is worked on before the next is read. So the order is kept, and a client that
sends faster than the machine can listen is slowed down by its own connection. Live speech comes in
short pieces, half a millisecond of work: less than a thread costs. What takes longer goes to a
thread, and the event loop stays free.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import io
import logging
import re
import secrets
import socket
import sys
import time
import traceback
from asyncio import to_thread
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from threading import Thread
from typing import Any

from course_utils.audio import AudioError
from course_utils.corpora import SAMPLE_RATE
from course_utils.paths import MODELS_FOLDER
from course_utils.serving.dialogue import BEGINNING, CommandRecogniser, Dialogue
from course_utils.serving.recordings import find_word, foreign_format, to_course_format
from course_utils.serving.streaming import LEAST_PROBABILITY, Event, StreamingRecogniser

import numpy as np
import psutil
import soundfile
import uvicorn
from fastapi import Depends, FastAPI, HTTPException, Request, WebSocket, WebSocketException
from fastapi.responses import HTMLResponse
from starlette.requests import ClientDisconnect, HTTPConnection
from starlette.websockets import WebSocketDisconnect
from uvicorn.protocols.http.h11_impl import H11Protocol
from websockets.exceptions import WebSocketException as ProtocolError

__all__ = [
    "COMMAND_MODEL", "MODEL", "PAGE", "Limits", "create_app", "load_recogniser", "main", "running",
    "server",
]  # fmt: skip

PAGE = Path(__file__).with_name("page.html")
ASSISTANT = PAGE.with_name("assistant.js")  # the second script of the page
MODEL = MODELS_FOLDER / "connected_digit_network.keras"
COMMAND_MODEL = MODELS_FOLDER / "command_network.keras"
LOOPBACK = ("127.0.0.1", "localhost", "::1")
EVERYWHERE = ("0.0.0.0", "::", "")
HEADER_SECONDS = 15.0  # in which the first request of a connection has to be there
INLINE_SAMPLES = 2000  # half a millisecond of work, 250 ms of sound
ACCEPTED = "WAV or FLAC, mono or stereo, at most 48 kHz"
FORM = (
    "This is a form upload: send the file itself as the body, for example with "
    "`curl --data-binary @FILE`."
)
# The page can load nothing and reach nothing but its service. A nonce marks its own script
# and style; blob: is the part of the script that runs in the audio thread.
POLICY = (
    "default-src 'none'; script-src 'nonce-{0}' blob:; style-src 'nonce-{0}'; img-src data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
PROTECTION = {
    "Permissions-Policy": "microphone=(self), camera=(), geolocation=()",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


@dataclass(frozen=True)
class Limits:
    """What the service grants; what goes beyond is ended, with a reason."""

    streams: int = 100  # at the same time
    files: int = 4  # recognised at the same time
    uploads: int = 16  # arriving at the same time
    stream_seconds: float = 600.0  # of sound, and by the clock
    idle_seconds: float = 10.0  # in which a client sends nothing
    ahead_seconds: float = 5.0  # of sound more than have passed: live speech is not faster
    message_bytes: int = 32_000  # in one WebSocket message
    messages_per_second: float = 150.0  # of one stream; live speech has ten to a hundred
    message_burst: int = 300  # so many more at once
    upload_bytes: int = 12_000_000  # in one request
    file_seconds: float = 60.0
    dialogues: int = 20  # with the assistant, at the same time
    dialogue_seconds: float = 3600.0
    dialogue_idle_seconds: float = 600.0  # in which nobody says or types anything
    commands: int = 500  # of one dialogue
    typed_characters: int = 200  # in one command


NORMAL = Limits()


class StreamEnded(Exception):
    """A stream ends here: a WebSocket close code (RFC 6455, section 7.4.1) and a reason."""


async def read_body(request: Request, limits: Limits) -> bytes:
    """Return the body of a request; of a larger one no more than the limit is read."""
    body = bytearray()
    try:
        async with asyncio.timeout(limits.idle_seconds):
            async for chunk in request.stream():
                body += chunk
                if len(body) > limits.upload_bytes:
                    reason = f"The file is larger than {limits.upload_bytes} bytes: cut it."
                    raise HTTPException(413, reason, {"Connection": "close"})
    except TimeoutError as error:
        raise HTTPException(408, "The file did not arrive in time: send it again.") from error
    except ClientDisconnect as error:
        raise HTTPException(400, "The file stopped in the middle: send it again.") from error
    if not body:
        raise HTTPException(400, f"The body is empty: send {ACCEPTED}.")
    return bytes(body)


def read_sound(body: bytes, limits: Limits) -> np.ndarray:
    """Return the waveform (samples,) of a sound file at 8 kHz; `HTTPException` says why not."""
    if body.startswith(b"--") and b"Content-Disposition: form-data" in body[:1000]:
        raise HTTPException(415, FORM)
    if kind := foreign_format(body[:16]):
        raise HTTPException(415, f"This is {kind}: convert it, and send {ACCEPTED}.")
    try:
        with soundfile.SoundFile(io.BytesIO(body)) as file:
            kind, rate, channels = file.format, file.samplerate, file.channels
            if kind not in ("WAV", "WAVEX", "FLAC") or rate > 48_000 or channels > 2:
                what = f"{kind}, {channels} channels at {rate} Hz"
                raise HTTPException(415, f"The file is {what}: send {ACCEPTED}.")
            most = int(limits.file_seconds * rate)  # whatever length the header claims
            samples = file.read(most + 1, dtype="float32", always_2d=True)
        if len(samples) > most:
            raise HTTPException(413, f"The file is longer than {limits.file_seconds:g} s: cut it.")
        return to_course_format(samples, rate, name="The file")
    except (soundfile.LibsndfileError, TypeError) as error:
        raise HTTPException(415, f"This is no sound file: send {ACCEPTED}.") from error
    except AudioError as error:
        raise HTTPException(422, str(error)) from error


class Pace:
    """The sound and the messages of one client against the clock."""

    def __init__(self, limits: Limits):
        self.limits, self.began, self.messages = limits, time.monotonic(), 0
        self.credit, self.last = limits.ahead_seconds, self.began  # seconds of sound
        self.begin_recording()

    def begin_recording(self) -> None:
        """Begin to count anew what a stream may tell of its rate."""
        self.heard, self.recording = 0.0, time.monotonic()

    @property
    def passed(self) -> float:
        """Seconds since the client came."""
        return time.monotonic() - self.began

    def take(self, samples: np.ndarray) -> None:
        """Note more sound; `StreamEnded` if it is too fast. A pause is no credit for hours."""
        limits, now, seconds = self.limits, time.monotonic(), len(samples) / SAMPLE_RATE
        most = limits.ahead_seconds + limits.idle_seconds
        self.credit = min(most, self.credit + now - self.last) - seconds
        self.last, self.heard = now, self.heard + seconds
        if self.credit < 0:
            raise StreamEnded(1008, too_fast(self.heard, now - self.recording, limits))

    def count(self) -> None:
        """Note a message; `StreamEnded` if they are too many."""
        limits, self.messages = self.limits, self.messages + 1
        if self.messages > limits.message_burst + limits.messages_per_second * self.passed:
            most = f"{limits.messages_per_second:g} messages a second"
            raise StreamEnded(1008, f"more than {most}: put more sound into each")


async def receive(socket: WebSocket, seconds: float) -> str | bytes:
    """Wait for the next message of a client, so long."""
    try:
        async with asyncio.timeout(seconds):
            message = await socket.receive()
    except TimeoutError:
        raise StreamEnded(1008, f"nothing came for {seconds:g} s") from None
    if message["type"] == "websocket.disconnect":
        raise WebSocketDisconnect(message["code"])
    data = message.get("bytes")
    return message["text"] if data is None else data


def samples_of(data: bytes, limits: Limits, first: bool) -> np.ndarray:
    """Return the samples of a binary message, (samples,) in [-1, 1), or say what it is."""
    size = len(data)
    if size > limits.message_bytes:
        raise StreamEnded(1009, f"{size} bytes in a message: at most {limits.message_bytes}")
    if first:
        refuse_container(data)
    if size == 0 or size % 2:
        raise StreamEnded(1007, f"{size} bytes: a 16-bit sample has two")
    if looks_like_floats(data):
        raise StreamEnded(1007, "32-bit floats came: send whole numbers of 16 bits, little-endian")
    return np.frombuffer(data, "<i2").astype(np.float32) / 32768


def looks_like_floats(data: bytes) -> bool:
    """Tell samples in 32-bit floats from 16-bit samples: two of these hardly ever make such one."""
    if len(data) % 4 or len(data) < 64:
        return False
    with np.errstate(invalid="ignore"):
        size = np.abs(np.frombuffer(data, "<f4"))
    return bool(np.mean((size > 1e-7) & (size <= 1)) > 0.9)


def refuse_container(data: bytes) -> None:
    """Refuse a stream that begins as a file does: its header would be taken for sound."""
    known = {b"RIFF": "a WAV file", b"OggS": "an Ogg file", b"fLaC": "a FLAC file", b"ID3": "MP3"}
    kind = next((name for magic, name in known.items() if data.startswith(magic)), "")
    if kind := kind or foreign_format(data[:16]):
        reason = f"{kind} came: send bare samples, or the file to /recognise"
        raise StreamEnded(1007, reason.encode()[:120].decode(errors="ignore"))


def too_fast(heard: float, passed: float, limits: Limits) -> str:
    """Say that more sound came than time has passed, and what may be the reason."""
    rate = SAMPLE_RATE * heard / max(passed, 1e-3)
    usual = [r for r in (11_025, 16_000, 22_050, 44_100, 48_000) if 0.8 < rate / r < 1.25]
    guess = f"; is it sound at {usual[0]} Hz? {SAMPLE_RATE} Hz is expected" if usual else ""
    return f"too fast: {limits.ahead_seconds:g} s of sound ahead of the clock{guess}"


async def answer(socket: WebSocket, heard: float, events: Iterable) -> None:
    """Send what was recognised, and how many seconds of sound have been heard."""
    results = [asdict(event) for event in events]
    await socket.send_json({"heard": round(heard, 4), "results": results})


def host_name(address: str) -> str:
    """Name of a machine without its port: ``[::1]:8000`` to ``::1``."""
    bracketed = re.match(r"\[(.*)\]", address)
    return bracketed[1] if bracketed else address.rpartition(":")[0] or address


def refuse_foreign_pages(connection: HTTPConnection) -> None:
    """Refuse another name of this machine, and pages from elsewhere: `Host` and `Origin`."""
    origin, host = connection.headers.get("origin"), connection.headers.get("host", "")
    code, reason = 0, ""
    if host_name(host).lower() not in connection.app.state.hosts:
        code, reason = 400, f"This service is not called {host}: use the address that it printed."
    elif origin not in (None, f"http://{host}", f"https://{host}"):
        code, reason = 403, f"A page from {origin} may not use this service."
    if code and connection.scope["type"] == "websocket":
        raise WebSocketException(1008, reason)  # the browser sees 403
    if code:
        raise HTTPException(code, reason)


def create_app(
    recogniser: StreamingRecogniser,
    limits: Limits = NORMAL,
    hosts: Sequence[str] = LOOPBACK,
    commands: CommandRecogniser | None = None,
) -> FastAPI:
    """Return the service around a recogniser, or what acts like one.

    `hosts` are the names it answers to: whoever owns another name could make it point at this
    machine. With `commands` there is an assistant as well. Nothing of a stream or a dialogue is
    kept after its end, and no sound goes into a log.
    """
    script = ASSISTANT.read_text(encoding="utf-8") if commands else ""
    page = PAGE.read_text(encoding="utf-8").replace("/* assistant.js */", script)
    busy = {"streams": 0, "files": 0, "uploads": 0, "dialogues": 0}

    app = FastAPI(
        title="Digits, recognised as you speak",
        description="`/stream` is a WebSocket. Send 16-bit little-endian mono PCM at 8 kHz in "
        "binary messages, and at the end the text `end`. Each message is answered with "
        '`{"heard": seconds, "results": […]}`: partial and final texts, with times. '
        "`/assistant` takes the same sound, and the texts `end`, `reset` and `say` with a command. "
        'Each is answered with `{"partial": words, "turns": […]}`: what was said, what it means, '
        "the reply, and the home as it is then.",
        docs_url=None,  # these two would load scripts from outside
        redoc_url=None,
        dependencies=[Depends(refuse_foreign_pages)],
    )
    app.state.hosts = {host.lower() for host in hosts}

    @contextlib.contextmanager
    def acquire(kind: str, refusal: Exception) -> Iterator[None]:
        """Take one of the places, or raise `refusal`; give it back at the end."""
        if busy[kind] >= getattr(limits, kind):
            raise refusal
        busy[kind] += 1
        try:
            yield
        finally:
            busy[kind] -= 1

    @app.get("/", response_class=HTMLResponse)
    async def show_page() -> HTMLResponse:
        """Show the page that listens to the microphone."""
        nonce = secrets.token_urlsafe()
        own = re.sub("<(script|style)>", rf"<\1 nonce={nonce}>", page)
        return HTMLResponse(
            own, headers={**PROTECTION, "Content-Security-Policy": POLICY.format(nonce)}
        )

    @app.get("/health")
    async def health() -> dict:
        """Say how many streams and files are worked on, and what the limits are."""
        return {"status": "ok", **busy, "limits": asdict(limits)}

    sound = {"schema": {"type": "string", "format": "binary"}}
    content = dict.fromkeys(("audio/wav", "audio/flac"), sound)

    @app.post("/recognise", openapi_extra={"requestBody": {"content": content, "required": True}})
    async def recognise(request: Request) -> dict:
        """Recognise a sound file, the body: its text, its length in seconds, its results."""
        if request.headers.get("content-type", "").startswith("multipart/"):
            raise HTTPException(415, FORM)
        busy_now = HTTPException(503, "Busy: try again.", {"Retry-After": "1"})
        with acquire("uploads", busy_now):  # a slow one keeps nobody from being recognised
            body = await read_body(request, limits)
        with acquire("files", busy_now):
            waveform = await to_thread(read_sound, body, limits)
            stream, events = recogniser.stream(), list[Event]()
            for start in range(0, len(waveform), SAMPLE_RATE):  # streams have their turn between
                events += await to_thread(stream.accept, waveform[start : start + SAMPLE_RATE])
            events += await to_thread(stream.finish)
        finals = [asdict(event) for event in events if event.kind == "final"]
        text = " ".join(final["text"] for final in finals)
        note = "" if text else find_word(waveform).problem or "No digit was recognised."
        seconds = len(waveform) / SAMPLE_RATE
        return {"text": text, "seconds": seconds, "results": finals, "note": note}

    async def listen(socket: WebSocket) -> None:
        """Answer each message of a stream with what was recognised in it."""
        stream, pace = recogniser.stream(), Pace(limits)
        while (message := await receive(socket, limits.idle_seconds)) != "end":
            if isinstance(message, str):
                raise StreamEnded(1003, "send PCM in binary messages, or the text: end")
            samples = samples_of(message, limits, first=not pace.messages)
            pace.take(samples)
            if max(pace.heard, pace.passed) > limits.stream_seconds:
                raise StreamEnded(1008, f"longer than {limits.stream_seconds:g} s: begin anew")
            pace.count()
            await asyncio.sleep(0)  # the others have their turn, however much of this one waits
            if len(samples) <= INLINE_SAMPLES:  # a thread costs more than the work
                events = stream.accept(samples)
            else:
                events = await to_thread(stream.accept, samples)
            await answer(socket, pace.heard, events)
        await answer(socket, pace.heard, await to_thread(stream.finish))
        raise StreamEnded(1000, "the end")

    def reply(dialogue: Dialogue, text: str) -> dict[str, Any]:
        """Answer a text message to the assistant."""
        if text == "end":
            return dialogue.finish()
        if text == "reset":
            return dialogue.reset()
        if not text.startswith("say "):
            raise StreamEnded(1003, "send PCM, or a text: end, reset, or say and a command")
        if len(text) > len("say ") + limits.typed_characters:
            raise StreamEnded(1009, f"at most {limits.typed_characters} characters in a command")
        return dialogue.read(text.removeprefix("say "))

    async def converse(socket: WebSocket) -> None:
        """Answer each message to the assistant: sound, or a text."""
        assert commands is not None
        dialogue, pace, turns, first = Dialogue(commands), Pace(limits), 0, True
        while True:
            message = await receive(socket, limits.dialogue_idle_seconds)
            if pace.passed > limits.dialogue_seconds:
                raise StreamEnded(1008, f"longer than {limits.dialogue_seconds:g} s: begin anew")
            pace.count()
            await asyncio.sleep(0)  # the others have their turn
            if isinstance(message, str):
                found, first = await to_thread(reply, dialogue, message), True
            else:
                if first:
                    pace.begin_recording()
                samples = samples_of(message, limits, first)
                pace.take(samples)
                found, first = await to_thread(dialogue.accept, samples), False
            turns += len(found["turns"])
            await socket.send_json(found)
            if turns >= limits.commands:
                raise StreamEnded(1008, f"more than {limits.commands} commands: begin anew")

    async def attend(
        socket: WebSocket, kind: str, work: Callable[[WebSocket], Awaitable[None]]
    ) -> None:
        """Give a client one of the places, and say how it ended."""
        with contextlib.suppress(WebSocketDisconnect):  # when it has gone there is nobody to tell
            await socket.accept()
            try:
                most = getattr(limits, kind)
                with acquire(kind, StreamEnded(1013, f"busy with {most} {kind}")):
                    await work(socket)
            except StreamEnded as end:
                await socket.close(*end.args)
            except WebSocketDisconnect:
                raise
            except Exception:  # printed, not kept: the exception would keep the stream alive
                print(traceback.format_exc(), file=sys.stderr)
                await socket.close(1011, "the recogniser failed")

    @app.websocket("/stream")
    async def stream(socket: WebSocket) -> None:
        await attend(socket, "streams", listen)

    if commands is None:
        return app

    @app.get("/home")
    async def home() -> dict:
        """Show the home of the assistant as it is at the beginning, and the map."""
        return BEGINNING

    @app.websocket("/assistant")
    async def assistant(socket: WebSocket) -> None:
        await attend(socket, "dialogues", converse)

    return app


class PatientProtocol(H11Protocol):
    """HTTP that closes a connection on which no whole request arrives in time."""

    def connection_made(self, transport) -> None:
        """Begin to wait for a request."""
        super().connection_made(transport)
        self.loop.call_later(HEADER_SECONDS, self.give_up)

    def give_up(self) -> None:
        """Close the connection if it has asked for nothing yet."""
        if self.cycle is None and self.transport.get_protocol() is self:
            self.transport.close()


class NoFlood(logging.Filter):
    """Drops what the log says of clients that have gone or speak nonsense: it is not our fault."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Keep all other lines."""
        gone = "socket.send() raised exception" in record.getMessage()
        error = record.exc_info[1] if record.exc_info else None
        return not gone and not isinstance(error, ProtocolError | UnicodeDecodeError)


NO_FLOOD = NoFlood()


def server(app: FastAPI, host: str = LOOPBACK[0], port: int = 0) -> uvicorn.Server:
    """Return a server that bounds a message, takes nothing compressed, and logs only errors."""
    for name in ("asyncio", "uvicorn.error", "websockets.server"):
        logging.getLogger(name).addFilter(NO_FLOOD)
    config = uvicorn.Config(
        app, host, port, log_level="warning", server_header=False, timeout_graceful_shutdown=2,
        ws_max_size=1 << 17, ws_per_message_deflate=False, http=PatientProtocol,
    )  # fmt: skip
    return uvicorn.Server(config)


@contextlib.contextmanager
def running(app: FastAPI) -> Iterator[str]:
    """Run the service in a thread, on a free port of this machine; yields its address."""
    service = server(app)
    thread = Thread(target=service.run, daemon=True)
    thread.start()
    while not service.started and thread.is_alive():
        time.sleep(0.01)
    try:
        yield "http://{}:{}".format(*service.servers[0].sockets[0].getsockname())
    finally:
        service.should_exit = True
        thread.join()


def sure(model: Any) -> StreamingRecogniser:
    """Recognise digits, but only those that are likely enough: noise is no digit."""
    return StreamingRecogniser(model, LEAST_PROBABILITY)


def load_recogniser(path: Path = MODEL, make: Callable[..., Any] = sure) -> Any:
    """Load a network and put it into a recogniser: the digit strings of chapter 08, or commands."""
    if not path.is_file():
        sys.exit(f"There is no model {path}: make it with `python -m data.make_models`.")
    import course_utils.setup.quiet_tensorflow  # noqa: F401  (before keras)

    import keras

    return make(keras.saving.load_model(path, compile=False))


def names_of(host: str) -> tuple[str, ...]:
    """Names under which a service that listens on `host` is reached."""
    if host not in EVERYWHERE:
        return (*LOOPBACK, host)
    name = socket.gethostname()
    with contextlib.suppress(OSError):
        found = {str(info[4][0]) for info in socket.getaddrinfo(name, None)}
        found |= {str(a.address) for group in psutil.net_if_addrs().values() for a in group}
        return (*LOOPBACK, name, f"{name}.local", *sorted(found))
    return (*LOOPBACK, name)


def main() -> None:
    """Serve the digit-string network of chapter 08 and the assistant of 14 until Ctrl-C."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--host", default=LOOPBACK[0], help="address under which it is reached")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--model", type=Path, default=MODEL)
    parser.add_argument("--commands", type=Path, default=COMMAND_MODEL)
    chosen = parser.parse_args()
    digits = load_recogniser(chosen.model)
    commands = load_recogniser(chosen.commands, CommandRecogniser)
    app = create_app(digits, hosts=names_of(chosen.host), commands=commands)
    family = socket.AF_INET6 if ":" in chosen.host else socket.AF_INET
    try:  # before anything is promised: another service may have the port
        listening = socket.create_server((chosen.host, chosen.port), family=family)
    except OSError as error:
        sys.exit(
            f"The service cannot start: {error.strerror}. "
            "Another port may be free: make serve PORT=8001"
        )
    if chosen.host not in LOOPBACK:
        print("Others can reach this service. Browsers give a microphone to localhost and https.")
    name = socket.gethostname() if chosen.host in EVERYWHERE else chosen.host
    address = f"http://{f'[{name}]' if ':' in name else name}:{listening.getsockname()[1]}"
    print(f"Open {address} in a browser. Ctrl-C ends the service.", flush=True)
    with contextlib.suppress(KeyboardInterrupt):
        server(app, chosen.host, chosen.port).run(sockets=[listening])


if __name__ == "__main__":  # `make serve`
    main()
