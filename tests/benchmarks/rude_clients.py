"""What clients that behave badly cost the others (chapter 13).

    python -m tests.benchmarks.rude_clients

The service runs in a process of its own, as `make serve` starts it. Ten clients send one sample
a message, as fast as they can, each again and again after it was ended; meanwhile `/health` is
asked. These clients run here, but would run elsewhere: they yield the processors to the service.
Then a thousand clients say a little and vanish: what does the log have to say of them?
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from typing import Any

from course_utils.paths import ROOT
from course_utils.serving import service
from tests.benchmarks.service_load import free_port, wait_for_service

import numpy as np
import websockets

N_FLOODING, FLOOD_SECONDS, N_VANISHING = 10, 20.0, 1000
IN_THE_FLOOD = f"answer of /health while {N_FLOODING} clients send single samples, median"
OF_THE_VANISHED = f"lines in the log for {N_VANISHING} clients that vanish"
FLOOD = f"""
import os, sys, time, websockets.sync.client as client, websockets
hasattr(os, "nice") and os.nice(19)
until = time.monotonic() + {FLOOD_SECONDS}
while time.monotonic() < until:
    try:
        with client.connect(sys.argv[1], compression=None) as stream:
            while time.monotonic() < until:
                stream.send(b"\\0\\0")
    except (websockets.WebSocketException, OSError):
        time.sleep(0.05)
"""


def setup() -> Any:
    """What the numbers depend on."""
    return FLOOD, N_FLOODING, FLOOD_SECONDS, N_VANISHING, service.Limits()


def health_in_a_flood(address: str) -> list[float]:
    """Ask `/health` while the others send; return the milliseconds of each answer."""
    command = [sys.executable, "-c", FLOOD, f"ws://{address}/stream"]
    clients = [subprocess.Popen(command) for _ in range(N_FLOODING)]
    time.sleep(3)  # until all of them send
    waited = []
    while any(client.poll() is None for client in clients):
        began = time.perf_counter()
        urllib.request.urlopen(f"http://{address}/health", timeout=60).read()
        waited.append(1000 * (time.perf_counter() - began))
        time.sleep(0.05)
    return waited


async def vanish(address: str) -> None:
    """Open a stream, say a little, and cut the wire without a word."""
    with contextlib.suppress(websockets.WebSocketException, OSError):
        connection = await websockets.connect(f"ws://{address}/stream", compression=None)
        await connection.send(b"\0\0" * 400)
        connection.transport.abort()


async def all_vanish(address: str) -> None:
    """A thousand of them, twenty at a time."""
    for _ in range(N_VANISHING // 20):
        await asyncio.gather(*(vanish(address) for _ in range(20)))


def measure() -> list[dict[str, Any]]:
    """Start the service, let them in, and read its log."""
    port = free_port()
    command = [sys.executable, "-m", "course_utils.serving.service", "--port", str(port)]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    address = f"127.0.0.1:{port}"
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
        try:
            wait_for_service(address, process)
            waited = health_in_a_flood(address)
            before = log.seek(0, os.SEEK_END)
            asyncio.run(all_vanish(address))
            time.sleep(3)
            urllib.request.urlopen(f"http://{address}/health", timeout=60).read()
            log.seek(before)
            lines = len(log.read().splitlines())
        finally:
            process.terminate()
            process.wait()
    median = round(float(np.median(waited)), 1)
    print(f"/health: {len(waited)} answers, median {median} ms, longest {max(waited):.0f} ms")
    return [
        {"model": "service", "metric": IN_THE_FLOOD, "value": median, "unit": "ms"},
        {"model": "service", "metric": OF_THE_VANISHED, "value": lines, "unit": "lines"},
    ]


if __name__ == "__main__":
    for row in measure():
        print(f"{row['metric']}: {row['value']:g} {row['unit']}")
