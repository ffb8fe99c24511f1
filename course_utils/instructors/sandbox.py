"""Where a student's answers run: a process that can reach nothing but itself (INSTRUCTORS.md).

On Linux bubblewrap gives each submission a world of its own: no network, no other process, an
empty home and temporary folder that are gone afterwards, and of the course only what an answer
may import, read-only. Where bubblewrap does not work, a container of podman or docker does the
same, if `COURSE_SANDBOX_IMAGE` names an image with the course's packages. Else Linux itself shuts
files, programs and the network for the process (`confinement`); it sees that others are there,
but cannot reach them. Elsewhere it is bounded but not sandboxed, and the grades say so.
"""

import contextlib
import functools
import json
import os
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from course_utils.instructors.wire import Channel, FromNode, ToNode
from course_utils.paths import DATA_FOLDER, ROOT, download_folder

import psutil

__all__ = ["NOT_SANDBOXED", "WARM", "Gone", "Limits", "Process", "choose", "keep_warm"]

MODULES = ("wire", "answers", "confinement")  # of this folder, what an answer's process imports
COURSE, DOWNLOADS = "/course", "/recordings"  # where both are seen inside a sandbox
HOME = os.path.join("/tmp", "home")  # of an answer, inside its sandbox: empty, and gone afterwards
VISIBLE = ("/usr", "/bin", "/sbin", "/lib", "/lib64", "/lib32", "/nix/store")
SETTINGS_VISIBLE = (  # of /etc
    "alternatives", "ld.so.cache", "ld.so.conf", "ld.so.conf.d", "localtime", "fonts"
)  # fmt: skip
SYSTEM_VISIBLE = (  # to a process that shares the system with others
    "/proc/self", "/proc/cpuinfo", "/proc/meminfo", "/sys/devices/system/cpu", "/dev/zero",
    "/dev/random", "/dev/urandom",
)  # fmt: skip
NOT_SANDBOXED = "none"
WARM = "warm"  # submissions share one sandbox: for answers of our own only (`Stock`)


@dataclass(frozen=True)
class Limits:
    """How much one submission may take. Seconds are those of a machine with nothing else to do."""

    cell_seconds: float = 20  # a cell that a student has a hand in; it takes well under five
    given_seconds: float = 120  # a cell that is given: it imports and loads
    again_seconds: float = 4  # what a cell or call has once something was stopped
    submission_seconds: float = 180  # all cells and tests; then nothing more is run
    memory: int = 600_000_000  # bytes; an assignment that needs more says so in its metadata
    folder: int = 100_000_000  # bytes in its temporary folder
    file_size: int = 50_000_000
    processes: int = 8


class Gone(EOFError):
    """The process is not there any more; `reason` says whether it was stopped, and why."""

    def __init__(self, reason: str):
        super().__init__(reason)
        self.reason = reason


# ---------------------------------------------------------------- which


@functools.cache
def choose() -> tuple[str, str]:
    """Return the best sandbox that works here, and why it is no better.

    `COURSE_SANDBOX` (bubblewrap, podman, docker, landlock or none) chooses another.
    """
    wanted = os.environ.get("COURSE_SANDBOX", "")
    if wanted == WARM:
        return WARM, "COURSE_SANDBOX=warm, in which submissions reach each other"
    found = [wanted] if wanted else list(COMMANDS)
    reasons: list[str] = []
    for kind in found:
        if kind == NOT_SANDBOXED:
            return kind, "; ".join(reasons) or "COURSE_SANDBOX=none"
        if kind not in COMMANDS:
            raise ValueError(f"COURSE_SANDBOX={kind}: one of {', '.join(COMMANDS)}, please")
        reason = _try_out(kind)
        if not reason:
            return kind, ""
        reasons.append(f"{kind}: {reason}")
    raise OSError(f"COURSE_SANDBOX asks for {'; '.join(reasons)}")


def _try_out(kind: str) -> str:
    """Say why a sandbox does not work here; nothing if it does."""
    if kind == "landlock":
        code = (
            "from course_utils.instructors import confinement as c; print(c.shut_files([], [], []))"
        )
        trial = [sys.executable, "-s", "-c", code]
        done = subprocess.run(trial, env={"PYTHONPATH": str(ROOT)}, capture_output=True, text=True)
        return "" if done.stdout == "True\n" else "not in this kernel"
    program = {"bubblewrap": "bwrap"}.get(kind, kind)
    if not shutil.which(program):
        return "not installed"
    if kind != "bubblewrap" and not os.environ.get("COURSE_SANDBOX_IMAGE"):
        return "COURSE_SANDBOX_IMAGE is not set"
    command = COMMANDS[kind](
        Limits(), ["-c", "import course_utils.instructors.wire"], "course-trial"
    )
    try:
        environment: dict | None = {} if kind == "bubblewrap" else None
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, env=environment)
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    return "" if done.returncode == 0 else (done.stderr.strip().splitlines() or ["it failed"])[-1]


# ---------------------------------------------------------------- how


def _environment(home: str, course: str, downloads: str) -> dict[str, str]:
    """Return the environment variables of an answer's process: nothing of this one's."""
    made = {
        "PATH": "/usr/bin:/bin",
        "HOME": home,
        "USER": "student",
        "LANG": "C.UTF-8",
        "TMPDIR": home,
        "IPYTHONDIR": f"{home}/ipython",
        "JUPYTER_RUNTIME_DIR": f"{home}/runtime",
        "MPLCONFIGDIR": f"{home}/matplotlib",
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "PYTHONPATH": course,
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONHASHSEED": "0",
        "PYTHONUNBUFFERED": "1",
        "COURSE_DATA": downloads,
    }
    # Submissions run beside each other: a second thread would only wait for the first
    made |= dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    if os.name == "nt":
        made |= {name: os.environ[name] for name in ("SYSTEMROOT", "PATH") if name in os.environ}
    return made


def _fonts() -> list[Path]:
    """Return matplotlib's list of fonts; making it anew takes seconds."""
    import matplotlib

    return sorted(Path(matplotlib.get_cachedir()).glob("fontlist-*.json"))


def bubblewrap(limits: Limits, python: list[str], name: str) -> list[str]:
    """Return the command line that runs Python in a world of its own."""
    command = [
        shutil.which("bwrap") or "bwrap", "--unshare-all", "--unshare-user", "--disable-userns",
        "--die-with-parent", "--new-session", "--cap-drop", "ALL", "--hostname", "answers",
        "--clearenv",
        "--proc", "/proc", "--dev", "/dev", "--size", str(limits.folder), "--tmpfs", "/dev/shm",
        "--size", str(limits.folder), "--tmpfs", "/tmp", "--dir", f"{HOME}/work",
    ]  # fmt: skip
    for path in map(Path, VISIBLE):
        if path.is_symlink():
            command += ["--symlink", os.readlink(path), str(path)]
        elif path.is_dir():
            command += ["--ro-bind", str(path), str(path)]
    for entry in SETTINGS_VISIBLE:
        command += ["--ro-bind-try", f"/etc/{entry}", f"/etc/{entry}"]
    for prefix in dict.fromkeys((sys.base_prefix, sys.prefix)):
        if not prefix.startswith("/usr"):
            command += ["--ro-bind", prefix, prefix]
    for source, target in _course_files():
        command += ["--ro-bind", str(source), target]
    for font_list in _fonts():
        command += ["--ro-bind", str(font_list), f"{HOME}/matplotlib/{font_list.name}"]
    for variable, value in _environment(HOME, COURSE, DOWNLOADS).items():
        command += ["--setenv", variable, value]
    command += ["--remount-ro", "/dev", "--remount-ro", "/", "--chdir", f"{HOME}/work"]
    return [*command, "--", sys.executable, "-s", *python]


def container(engine: str, limits: Limits, python: list[str], name: str) -> list[str]:
    """Return the command line that runs Python in a container of podman or docker."""
    command = [
        engine, "run", "--rm", "--interactive", "--name", name, "--network", "none",
        "--cap-drop", "all", "--security-opt", "no-new-privileges", "--read-only",
        "--memory", str(limits.memory + limits.folder), "--pids-limit", "256",
        "--tmpfs", f"/tmp:size={limits.folder}", "--shm-size", str(limits.folder),
        "--workdir", "/tmp", "--user", "65534:65534",
    ]  # fmt: skip
    for source, target in _course_files():
        command += ["--volume", f"{source}:{target}:ro"]
    environment = _environment("/tmp", COURSE, DOWNLOADS)
    del environment["PATH"]  # the image knows where its Python lies
    for variable, value in environment.items():
        command += ["--env", f"{variable}={value}"]
    return [*command, os.environ["COURSE_SANDBOX_IMAGE"], "python", "-s", *python]


def _course_files() -> list[tuple[Path, str]]:
    """Return what of the course is seen inside, and where: no notebook, test or grading code."""
    package = ROOT / "course_utils"
    entries = [path for path in sorted(package.iterdir()) if path.name != "instructors"]
    entries += [package / "instructors" / f"{module}.py" for module in MODULES]
    entries += [DATA_FOLDER]
    seen = [(path, f"{COURSE}/{path.relative_to(ROOT).as_posix()}") for path in entries]
    return [*seen, (download_folder(), DOWNLOADS)] if download_folder().is_dir() else seen


def _shut(folder: str) -> dict[str, list[str]]:
    """Return what `confinement.shut_files` leaves open to a process with this folder."""
    readable = [*VISIBLE, *(f"/etc/{entry}" for entry in SETTINGS_VISIBLE), *SYSTEM_VISIBLE]
    readable += [sys.prefix, sys.base_prefix]
    readable += [str(path) for path, _ in _course_files()]
    listed = [str(ROOT), str(ROOT / "course_utils"), str(ROOT / "course_utils" / "instructors")]
    return {"readable": readable, "listed": listed, "writable": [folder, "/dev/null"]}


def plain(limits: Limits, python: list[str], name: str) -> list[str]:
    """Return the command line that runs Python without a sandbox."""
    return [sys.executable, "-s", *python]


COMMANDS: dict[str, Callable[[Limits, list[str], str], list[str]]] = {
    "bubblewrap": bubblewrap,
    "podman": functools.partial(container, "podman"),
    "docker": functools.partial(container, "docker"),
    "landlock": plain,
    NOT_SANDBOXED: plain,
}


def _size_of(folder: str) -> int:
    """Return how many bytes the files in a folder have."""
    total = 0
    for place, _, names in os.walk(folder):
        for name in names:
            with contextlib.suppress(OSError):
                total += os.lstat(os.path.join(place, name)).st_size
    return total


# ---------------------------------------------------------------- the process


class Process:
    """A process for one submission's answers, and the messages to and from it.

    It is ended by `stop`, by its deadline, and when it takes too much memory or makes too many
    processes; whoever waits for a message gets `Gone` then.

    Parameters
    ----------
    kind : one of `COMMANDS`, from `choose`
    closed : folders that it may not look into, where there is no sandbox
    seconds : how long it may live, until `allow` says otherwise
    to_node, from_node : names for what is no plain data, see `Channel`
    """

    def __init__(
        self,
        kind: str,
        limits: Limits,
        closed: list[Path],
        seconds: float,
        to_node: ToNode | None = None,
        from_node: FromNode | None = None,
    ):
        self.kind, self.limits, self.reason = kind, limits, ""
        self.channel = Channel(self._read, self._write, to_node, from_node)
        self._name = f"answers-{uuid.uuid4().hex[:12]}"
        own = COMMANDS.get(kind) is plain
        self._folder = tempfile.mkdtemp(prefix="answers-") if own else None
        settings: dict[str, object] = {
            "limits": {
                "memory": limits.memory,
                "file_size": limits.file_size,
                "seconds": round(10 * limits.submission_seconds),
            },
            "closed": [str(folder) for folder in closed] if kind == NOT_SANDBOXED else [],
        }
        if kind == "landlock" and self._folder:
            settings["shut"] = _shut(self._folder)
        python = ["-m", "course_utils.instructors.answers", json.dumps(settings)]
        # A submission can read the environment of what starts it: that is empty for bubblewrap
        environment: dict[str, str] | None = {} if kind == "bubblewrap" else None
        if self._folder:
            environment = _environment(self._folder, str(ROOT), str(download_folder()))
            for font_list in _fonts():
                os.makedirs(f"{self._folder}/matplotlib", exist_ok=True)
                shutil.copy(font_list, f"{self._folder}/matplotlib")
        self._log = tempfile.TemporaryFile()
        self._process: subprocess.Popen | Copy
        if kind == WARM:
            assert _stock, "`keep_warm` comes first"
            self._process = _stock.copy(settings)
        else:
            self._process = subprocess.Popen(
                COMMANDS[kind](limits, python, self._name),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._log,
                bufsize=0,
                env=environment,
                cwd=self._folder,
                start_new_session=os.name == "posix",
            )
        self._tree = psutil.Process(self._process.pid)
        self._members: list[psutil.Process] = []
        self._began = self._counted = time.monotonic()
        self._used = self._measured = 0.0
        self._deadline, self._processor_deadline = self._began + seconds, float("inf")
        self._over = threading.Event()
        threading.Thread(target=self._watch, daemon=True).start()

    def allow(self, seconds: float, processor_seconds: float = float("inf")) -> None:
        """From now on the process may live so long, and use so much of the processor."""
        self._deadline = time.monotonic() + seconds
        self._processor_deadline = self.processor_seconds() + processor_seconds

    def processor_seconds(self) -> float:
        """Return the processor time that the process has used, as the system counts it.

        It is at most a twentieth of a second old: tests ask for it at each call.
        """
        if time.monotonic() > self._measured + 0.05:
            self._used = 0.0
            for process in self._family():
                with contextlib.suppress(psutil.Error):
                    self._used += sum(process.cpu_times()[:2])
            self._measured = time.monotonic()
        return self._used

    def log(self) -> str:
        """Return the end of what was written to its error stream before it was ready."""
        self._log.seek(0)
        return self._log.read()[-2000:].decode("utf-8", "replace").strip()

    def stop(self) -> None:
        """End the process and all that it started, and remove its folder."""
        if self._over.is_set():
            return
        self._over.set()
        self._kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout, self._log):
            with contextlib.suppress(OSError):
                if stream:
                    stream.close()
        if self._folder:
            shutil.rmtree(self._folder, ignore_errors=True)

    def _kill(self) -> None:
        if os.name == "posix":
            with contextlib.suppress(OSError):
                os.killpg(self._process.pid, signal.SIGKILL)
        with contextlib.suppress(OSError, psutil.Error):
            self._process.kill()
        if self.kind in ("podman", "docker"):
            subprocess.run([self.kind, "kill", self._name], capture_output=True, timeout=60)

    def _family(self) -> list[psutil.Process]:
        """Return the processes that belong to it; looking for them takes time, so not always."""
        now = time.monotonic()
        if now > self._counted + (0.1 if now < self._began + 2 else 1) or not self._members:
            with contextlib.suppress(psutil.Error):
                self._members = [self._tree, *self._tree.children(recursive=True)]
            self._counted = now
        return self._members

    def _watch(self) -> None:
        """End the process when it is over its time or its memory."""
        while not self._over.wait(0.2):
            memory = processes = 0
            for process in self._family():
                with contextlib.suppress(psutil.Error):
                    memory += process.memory_info().rss
                    processes += 1
            if time.monotonic() > self._deadline:
                self.reason = "time"
            elif self.processor_seconds() > self._processor_deadline:
                self.reason = "time"
            elif memory > self.limits.memory:
                self.reason = "memory"
            elif processes > self.limits.processes:
                self.reason = "processes"
            elif self._folder and _size_of(self._folder) > self.limits.folder:
                self.reason = "files"
            if self.reason:
                self._kill()
                return

    def _read(self, size: int) -> bytes:
        parts = []
        assert self._process.stdout
        while size:
            try:
                part = self._process.stdout.read(min(size, 1 << 20))
            except ValueError:  # `stop` has closed it
                part = None
            if not part:
                raise Gone(self.reason or "ended")
            parts.append(part)
            size -= len(part)
        return b"".join(parts)

    def _write(self, data: bytes) -> None:
        view = memoryview(data)
        assert self._process.stdin
        while view:
            try:
                view = view[self._process.stdin.write(view[: 1 << 20]) :]
            except (OSError, ValueError):  # it is gone, or `stop` has closed the pipe
                raise Gone(self.reason or "ended") from None


# ---------------------------------------------------------------- many processes of our own


class Stock:
    """A process in bubblewrap that has loaded what answers import, and makes copies of itself.

    A copy starts in a hundredth of a second where a new process needs two to load Matplotlib and
    SciPy. Its limits are those of any process of answers, but all copies see one folder and each
    other: good for the hundreds of answers that prove our own exercises, and for nobody else's.
    """

    def __init__(self, modules: list[str]):
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._control.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
        python = ["-m", "course_utils.instructors.answers", "--copies", json.dumps(modules)]
        with theirs:
            self._process = subprocess.Popen(
                bubblewrap(Limits(), python, WARM),
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env={},
                start_new_session=True,
            )
        if self._control.recv(100) != b"ready":
            raise OSError("the process that makes copies of itself does not start")

    def copy(self, settings: dict) -> "Copy":
        """Return a new copy, which serves with these settings."""
        (their_in, stdin), (stdout, their_out) = os.pipe(), os.pipe()
        try:
            socket.send_fds(self._control, [json.dumps(settings).encode()], [their_in, their_out])
            size = socket.CMSG_SPACE(struct.calcsize("3i"))
            _, ((_, _, sender),), *_ = self._control.recvmsg(100, size)
        finally:
            os.close(their_in)
            os.close(their_out)
        pid = struct.unpack("3i", sender)[0]  # as it is called outside of the sandbox
        return Copy(pid, os.fdopen(stdin, "wb", 0), os.fdopen(stdout, "rb", 0))


class Copy:
    """A process that `Stock` made, with what `Process` uses of a Popen."""

    def __init__(self, pid: int, stdin, stdout):
        self.pid, self.stdin, self.stdout = pid, stdin, stdout
        self._process = psutil.Process(pid)

    def kill(self) -> None:
        """End it."""
        self._process.kill()

    def wait(self) -> None:
        """Wait until it has ended."""
        self._process.wait(20)


_stock: Stock | None = None


def keep_warm(modules: list[str]) -> None:
    """Have a stock that has loaded modules, where the sandbox is `WARM`."""
    global _stock
    if choose()[0] == WARM and not _stock:
        _stock = Stock(modules)
