"""A hub for the tests: started, asked, and ended; and what its users do there."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psutil
import requests
from websockets.sync.client import connect

ROOT = Path(__file__).resolve().parents[2]
ENVIRONMENT = ROOT / "build" / "hub"  # prepare.py makes it
COURSE = "speech-recognition"


def free_ports(count: int) -> list[int]:
    probes = [socket.socket() for _ in range(count)]
    for probe in probes:
        probe.bind(("127.0.0.1", 0))
    ports = [probe.getsockname()[1] for probe in probes]
    for probe in probes:
        probe.close()
    return ports


class Hub:
    """A running hub, with the folder that it works in."""

    def __init__(self, work: Path):
        self.work, self.token = work, secrets.token_hex(16)
        for name in ("exchange", "home", "etc"):
            (work / name).mkdir(parents=True, exist_ok=True)
        (work / "exchange").chmod(0o777)
        ports = free_ports(3)
        self.address = f"http://127.0.0.1:{ports[0]}"
        self.environment = {
            **os.environ,
            "HUB_WORK": str(work),
            "HUB_ROOT": str(ROOT),
            "HUB_ENVIRONMENT": str(ENVIRONMENT),
            "HUB_COURSE_ENVIRONMENT": sys.prefix,
            "HUB_TOKEN": self.token,
            "HUB_PORTS": " ".join(map(str, ports)),
        }
        command = [ENVIRONMENT / "venv" / "bin" / "jupyterhub", "--config"]
        command.append(Path(__file__).with_name("jupyterhub_config.py"))
        self.log = open(work / "hub.log", "w+")
        self.process = subprocess.Popen(
            command, cwd=work, env=self.environment, stdout=self.log, stderr=self.log,
            start_new_session=True,
        )  # fmt: skip
        try:
            self.wait_for(lambda: requests.get(f"{self.address}/hub/api/", timeout=2).ok, 180)
        except AssertionError:
            self.stop()
            raise

    def wait_for(self, done, seconds: float) -> None:
        """Wait until something is so; fail with what the hub said."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            try:
                if done():
                    return
            except requests.RequestException:
                pass
            assert self.process.poll() is None, f"the hub ended:\n{self.said()}"
            time.sleep(0.1)
        raise AssertionError(f"waited for {seconds:.0f} s:\n{self.said()}")

    def said(self) -> str:
        """Return the end of its log."""
        self.log.flush()
        return (self.work / "hub.log").read_text(encoding="utf-8", errors="replace")[-6000:]

    def api(self, method: str, path: str, **more: Any) -> requests.Response:
        """Ask the hub itself, as its administrator."""
        headers = {"Authorization": f"token {self.token}"}
        url = f"{self.address}/hub/api/{path}"
        answer = requests.request(method, url, headers=headers, timeout=60, **more)
        assert answer.ok, (path, answer.text)
        return answer

    def stop(self) -> None:
        """End the hub, its proxy and everybody's server."""
        below = psutil.Process(self.process.pid).children(recursive=True)
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            self.process.kill()
        for process in below:
            try:
                process.kill()
            except psutil.NoSuchProcess:
                pass
        self.log.close()


class User:
    """Somebody on the hub: a server, a home folder."""

    def __init__(self, hub: Hub, name: str):
        self.hub, self.name = hub, name
        self.home = hub.work / "home" / name
        hub.api("POST", f"users/{name}")
        made = hub.api("POST", f"users/{name}/tokens", json={})
        self.headers = {"Authorization": f"token {made.json()['token']}"}
        self.asked_at = 0.0

    def start(self) -> None:
        """Ask for a server; it starts while others do."""
        self.asked_at = time.monotonic()
        self.hub.api("POST", f"users/{self.name}/server")

    def ready(self) -> float:
        """Wait until the server answers; return how long that took."""

        def answers() -> bool:
            url = f"{self.hub.address}/user/{self.name}/api/status"
            found = requests.get(url, headers=self.headers, timeout=5, allow_redirects=False)
            return found.status_code == 200

        self.hub.wait_for(answers, 300)
        return time.monotonic() - self.asked_at

    def ask(self, method: str, path: str, **more: Any) -> requests.Response:
        """Ask the user's own server."""
        url = f"{self.hub.address}/user/{self.name}/{path}"
        answer = requests.request(method, url, headers=self.headers, timeout=120, **more)
        assert answer.ok, (path, answer.status_code, answer.text[-2000:])
        return answer

    def pull(self, repository: Path) -> str:
        """Do what the page of nbgitpuller's link does; return what git said."""
        about = {"repo": str(repository), "branch": "main", "targetpath": "course"}
        answer = self.ask("GET", "git-pull/api", params=about)
        events = [line[6:] for line in answer.text.splitlines() if line.startswith("data: ")]
        assert json.loads(events[-1])["phase"] == "finished", events
        return "\n".join(events)

    def assignments(self, action: str = "", assignment: str = "") -> list[dict]:
        """Do what a button of *Nbgrader*, *Assignment List* does; return the list after it."""
        if action:
            about = {"course_id": COURSE, "assignment_id": assignment}
            answer = self.ask("POST", f"assignments/{action}", json=about)
        else:
            answer = self.ask("GET", "assignments", params={"course_id": COURSE})
        assert answer.json()["success"], answer.text
        return answer.json()["value"]

    def terminal(self, command: str, seconds: float = 240) -> str:
        """Type a command into a terminal of JupyterLab; return what it printed."""
        name = self.ask("POST", "api/terminals", json={}).json()["name"]
        url = self.hub.address.replace("http", "ws", 1)
        url += f"/user/{self.name}/terminals/websocket/{name}"
        begin, end = (f"{word}-{secrets.token_hex(4)}" for word in ("begin", "end"))
        said = ""
        with connect(url, additional_headers=self.headers, max_size=None) as socket:
            # the marks are put together by the shell: what is typed is echoed
            line = f"echo {begin[:-1]}''{begin[-1]}; {command}; echo {end[:-1]}''{end[-1]} $?\n"
            socket.send(json.dumps(["stdin", line]))
            until = time.monotonic() + seconds
            while f"{end} " not in said and time.monotonic() < until:
                kind, *content = json.loads(socket.recv(timeout=seconds))
                said += content[0] if kind == "stdout" else ""
            assert f"{end} " in said, f"{command!r} did not end:\n{said}"
        self.ask("DELETE", f"api/terminals/{name}")
        return said.partition(begin)[2].partition(end)[0].strip()

    def kernel(self) -> str:
        """Start a kernel, as opening a chapter does; return its number."""
        return self.ask("POST", "api/kernels", json={"name": "python3"}).json()["id"]

    def execute(self, kernel: str, code: str, seconds: float = 200) -> str:
        """Run a cell; return what it printed, with its error if there is one."""
        url = self.hub.address.replace("http", "ws", 1)
        url += f"/user/{self.name}/api/kernels/{kernel}/channels"
        number, said = secrets.token_hex(8), ""
        header = {
            "msg_id": number, "msg_type": "execute_request", "username": self.name,
            "session": secrets.token_hex(8), "version": "5.3", "date": "",
        }  # fmt: skip
        content = {"code": code, "silent": False, "store_history": True, "allow_stdin": False}
        content |= {"user_expressions": {}, "stop_on_error": True}
        with connect(url, additional_headers=self.headers, max_size=None) as socket:
            message = {"header": header, "parent_header": {}, "metadata": {}, "content": content}
            socket.send(json.dumps({**message, "channel": "shell", "buffers": []}))
            while True:
                reply = socket.recv(timeout=seconds)
                if isinstance(reply, bytes):
                    continue
                reply = json.loads(reply)
                if reply["parent_header"].get("msg_id") != number:
                    continue
                if reply["msg_type"] == "stream":
                    said += reply["content"]["text"]
                elif reply["msg_type"] == "error":
                    said += f"{reply['content']['ename']}: {reply['content']['evalue']}"
                elif reply["msg_type"] == "status":
                    if reply["content"]["execution_state"] == "idle":
                        return said

    def processes(self) -> list[psutil.Process]:
        """Return the user's server, and what it has started."""
        found = []
        for process in psutil.Process(self.hub.process.pid).children(recursive=True):
            try:
                if process.environ().get("JUPYTERHUB_USER") == self.name:
                    found.append(process)
            except psutil.Error:
                continue
        return found

    def memory(self) -> float:
        """Return the memory in MB that would be free without this user."""
        return sum(process.memory_full_info().uss for process in self.processes()) / 1e6

    def processor_seconds(self) -> float:
        """Return the processor time that the user has taken so far."""
        return sum(sum(process.cpu_times()[:4]) for process in self.processes())


def why_not() -> str:
    """Say what is missing for a hub; nothing if it can be started."""
    if not (ENVIRONMENT / "venv" / "bin" / "jupyterhub").is_file():
        return "no JupyterHub: run .venv/bin/python tests/hub/prepare.py"
    if not (ENVIRONMENT / "node_modules" / "configurable-http-proxy").is_dir():
        return "no configurable-http-proxy: install npm, then run tests/hub/prepare.py"
    return "" if shutil.which("node") and shutil.which("git") else "no node, or no git"
