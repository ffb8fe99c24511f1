"""What the browser tests share: Chromium, its fake microphone, a server of our own.

Needs Chromium; set CHROMIUM to its path where it is not on PATH. In CI its absence fails.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
import urllib.request
from pathlib import Path

import pytest

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")

if not CHROMIUM:
    if os.environ.get("CI"):
        raise RuntimeError("no Chromium: .ci/run installs it")
    pytest.skip("no Chromium on this machine", allow_module_level=True)

ROOT = Path(__file__).resolve().parent.parent.parent
AXE = Path(os.environ.get("AXE_CORE", ROOT / "build" / "axe" / "package" / "axe.min.js"))
needs_axe = pytest.mark.skipif(
    not AXE.is_file(), reason="axe-core is not here: .ci/run fetches it with npm"
)

playwright_api = pytest.importorskip("playwright.sync_api")


def launch(playwright, microphone: Path | str, *more: str):
    """Start a headless Chromium whose microphone plays a WAV file."""
    arguments = [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-audio-capture={microphone}",
        *more,
    ]
    return playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(url: str, server: subprocess.Popen, seconds: float = 150) -> None:
    """Wait until a server answers; fail when it has ended, or does not answer in time."""
    end = time.monotonic() + seconds  # TensorFlow alone takes a while on a busy machine
    while time.monotonic() < end:
        try:
            urllib.request.urlopen(url, timeout=2)
            return
        except OSError:
            assert server.poll() is None, f"{url}: the server ended"
            time.sleep(0.25)
    raise AssertionError(f"{url} does not answer")
