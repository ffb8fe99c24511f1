"""How many live streams does the service carry, and does its memory come back? (chapter 13)

    python -m tests.benchmarks.service_load [--streams 20 50 100] [--seconds 60] [--memory 600]

The service runs in a process of its own, as `make serve` starts it, and this one plays the
clients: each sends a piece of 100 ms every 100 ms, strings of digits over and over. What is
measured is the time from the moment a piece was due until its answer is here, so a client
that is late counts against the service too. A piece is dropped when its answer never comes,
or its stream is ended. Then `--memory` seconds of load, half a minute of rest, and the
resident memory of the service before and after.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from course_utils import connected_digits, corpora
from course_utils.paths import ROOT
from course_utils.serving import service
from data.recipes import recordings, stored_network

import numpy as np
import psutil
import websockets

MODEL = "connected_digit_network"

PIECE_SECONDS = 0.1
LIMIT_MS = 200.0  # the 95th percentile that still counts as live
IN_REAL_TIME = f"streams in real time, none dropped, 95th percentile below {LIMIT_MS:.0f} ms"
STREAMS = (20, 50, 100)
SECONDS = 60.0  # of load for each number of streams
MEMORY_SECONDS = 600.0  # of load before the memory is looked at
PAUSE_SECONDS = 1.5  # between two strings
REST_SECONDS = 30.0


class Load(NamedTuple):
    """What one load did: latencies (pieces,) in ms, pieces that were due, processor seconds."""

    streams: int
    latencies: np.ndarray
    pieces: int
    ended: list[str]
    cpu_service: float
    cpu_client: float

    @property
    def percentiles(self) -> np.ndarray:
        """50th, 95th and 99th, ms; infinite for what never came."""
        lost = np.full(self.pieces - len(self.latencies), np.inf)
        return np.percentile(np.append(self.latencies, lost), [50, 95, 99], method="higher")

    @property
    def dropped(self) -> int:
        return self.pieces - len(self.latencies)


def free_port() -> int:
    """A port of this machine that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for_service(address: str, process: subprocess.Popen) -> None:
    """Wait until the service answers, two minutes at most."""
    for _ in range(600):
        with contextlib.suppress(OSError):
            urllib.request.urlopen(f"http://{address}/health", timeout=2)
            return
        if process.poll() is not None:
            sys.exit("The service did not start: see above.")
        time.sleep(0.2)


@contextmanager
def running_service(model: Path, streams: int) -> Iterator[tuple[str, psutil.Process]]:
    """Start the service in a process of its own; yields its address and the process."""
    port = free_port()
    command = [sys.executable, "-m", "tests.benchmarks.service_load", "--model", model.resolve()]
    started = subprocess.Popen(
        [*command, "--serve", str(port), str(streams)],
        cwd=ROOT,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )
    try:
        wait_for_service(f"127.0.0.1:{port}", started)
        yield f"127.0.0.1:{port}", psutil.Process(started.pid)
    finally:
        started.terminate()
        started.wait()


def serve(port: int, streams: int, model: Path) -> None:
    """Be the service, with room for `streams` streams of any length."""
    recogniser = service.load_recogniser(model)
    app = service.create_app(recogniser, service.Limits(streams=streams, stream_seconds=1e9))
    service.server(app, port=port).run()


def spoken_pieces() -> list[bytes]:
    """Strings of digits of the test side with pauses between them, cut into pieces of PCM."""
    test = corpora.official_split(corpora.load_digits()).test
    said = connected_digits.compose(test, n_strings=20, seed=0).waveforms
    pause = np.zeros(int(PAUSE_SECONDS * test.sample_rate), np.float32)
    sound = np.concatenate([part for waveform in said for part in (waveform, pause)])
    size = int(PIECE_SECONDS * test.sample_rate)
    pcm = np.round(np.clip(sound, -1, 1) * 32767).astype("<i2")
    return [pcm[i : i + size].tobytes() for i in range(0, len(pcm) - size, size)]


async def one_client(
    address: str, begin: float, pieces: list[bytes], n_pieces: int, latencies: list, ended: list
) -> None:
    """Send a piece whenever it is due, and note when its answer came."""
    due = begin + PIECE_SECONDS * np.arange(n_pieces)

    async def listen() -> None:
        for moment in due:
            await connection.recv()
            latencies.append(1000 * (time.monotonic() - moment))

    url = f"ws://{address}/stream"
    try:
        async with websockets.connect(url, compression=None, open_timeout=60) as connection:
            listener = asyncio.create_task(listen())
            for i, moment in enumerate(due):
                await asyncio.sleep(max(0.0, moment - time.monotonic()))
                await connection.send(pieces[i % len(pieces)])
            await asyncio.wait_for(listener, 30)
            await connection.send("end")
            await connection.wait_closed()
    except (websockets.ConnectionClosed, TimeoutError, OSError) as error:
        ended.append(repr(error))


def play(
    address: str, process: psutil.Process, n_streams: int, seconds: float, pieces: list[bytes]
) -> Load:
    """Let `n_streams` clients speak for `seconds`, each from another place of the sound."""
    latencies, ended, n_pieces = [], [], int(seconds / PIECE_SECONDS)

    async def all_clients() -> None:
        begin = time.monotonic() + 1 + 0.01 * n_streams  # all are connected before the first piece
        starts = np.random.default_rng(0).integers(len(pieces), size=n_streams)
        phases = PIECE_SECONDS * np.arange(n_streams) / n_streams
        clients = (
            one_client(
                address,
                begin + phase,
                pieces[start:] + pieces[:start],
                n_pieces,
                latencies,
                ended,
            )
            for start, phase in zip(starts, phases)
        )
        await asyncio.gather(*clients)

    of_service, own = sum(process.cpu_times()[:2]), time.process_time()
    asyncio.run(all_clients())
    of_service, own = sum(process.cpu_times()[:2]) - of_service, time.process_time() - own
    return Load(n_streams, np.array(latencies), n_streams * n_pieces, ended, of_service, own)


def report(load: Load) -> None:
    median, high, higher = load.percentiles
    print(
        f"{load.streams:4d} streams: 50/95/99 % {median:.0f}/{high:.0f}/{higher:.0f} ms, "
        f"{load.dropped} of {load.pieces} dropped, processor time a piece: service "
        f"{1000 * load.cpu_service / load.pieces:.2f} ms, client "
        f"{1000 * load.cpu_client / load.pieces:.2f} ms; load average {os.getloadavg()[0]:.1f}"
        + "".join(f"\n     ended: {reason}" for reason in load.ended[:3]),
        flush=True,
    )


def setup() -> Any:
    """What the numbers depend on."""
    how = STREAMS, SECONDS, MEMORY_SECONDS, PIECE_SECONDS, PAUSE_SECONDS, LIMIT_MS
    said = connected_digits.COMPOSITION, recordings(["fsdd", "noise"])
    return stored_network(MODEL), how, said


def measure(
    model: Path = service.MODEL,
    streams: tuple[int, ...] = STREAMS,
    seconds: float = SECONDS,
    memory_seconds: float = MEMORY_SECONDS,
) -> list[dict[str, Any]]:
    """Load the service with more and more streams, then look at its memory."""
    pieces, found = spoken_pieces(), []

    def note(variant: str, metric: str, value: float, unit: str) -> None:
        name = f"{MODEL}{variant}"
        found.append({"model": name, "metric": metric, "value": value, "unit": unit})

    with running_service(model, max(streams)) as (address, process):
        play(address, process, 2, 3.0, pieces)  # the first calls do what is done once
        at_first, best = process.memory_info().rss, 0
        for n_streams in streams:
            load = play(address, process, n_streams, seconds, pieces)
            report(load)
            high, variant = round(float(load.percentiles[1]), 1), f", {n_streams} streams"
            note(variant, "piece to answer, 95th percentile", high, "ms")
            note(variant, "pieces dropped", load.dropped, "pieces")
            cost = round(1000 * load.cpu_service / load.pieces, 3)
            note(variant, "processor time of the service a piece", cost, "ms")
            if high < LIMIT_MS and not load.dropped:
                best = max(best, n_streams)
        note("", IN_REAL_TIME, best, "streams")
        if memory_seconds:
            report(play(address, process, best or min(streams), memory_seconds, pieces))
            loaded = process.memory_info().rss
            time.sleep(REST_SECONDS)
            after = process.memory_info().rss
            health = json.load(urllib.request.urlopen(f"http://{address}/health"))
            assert health["streams"] == 0, health
            print(
                f"memory: {at_first / 1e6:.0f} MB before, {loaded / 1e6:.0f} at the end of "
                f"{memory_seconds:.0f} s of load, {after / 1e6:.0f} after a rest"
            )
            note(
                "", "memory after load and rest, of before", round(after / at_first, 3), "fraction"
            )
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--streams", nargs="+", type=int, default=STREAMS)
    parser.add_argument("--seconds", type=float, default=SECONDS, help="of load for each number")
    parser.add_argument("--memory", type=float, default=MEMORY_SECONDS, help="0: none")
    parser.add_argument("--model", type=Path, default=service.MODEL)
    parser.add_argument("--serve", nargs=2, type=int, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.serve:
        return serve(*chosen.serve, chosen.model)
    for row in measure(chosen.model, tuple(chosen.streams), chosen.seconds, chosen.memory):
        print(f"{row['model']}: {row['metric']}: {row['value']:g} {row['unit']}")


if __name__ == "__main__":
    main()
