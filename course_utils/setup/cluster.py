"""Jobs that do not depend on each other, side by side: here, or on a Ray cluster (chapter 09).

`each` is the one way in. Without an address it works on this machine, through joblib. With the
address of a Ray cluster, ``HOST:PORT``, the same jobs go to all its machines:

    ray start --head --port=6379 --disable-usage-stats   # on one machine, in its own .venv
    ray start --address=HOST:6379                        # on each of the others

Every machine needs the course, in the same version: its files and the packages that compute are
compared, and a machine that differs is left out, by name. What a machine was doing when it died
is done again by another one. Ray asks nobody for a password: whoever reaches its port can run
programs on all its machines, so use it only inside a network that you trust.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import os
import platform
import socket
import sys
import time
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from typing import Any, NamedTuple

from course_utils.paths import ROOT

import joblib
from tqdm import tqdm

__all__ = ["ClusterError", "cluster_address", "each"]

PACKAGES = ("keras", "librosa", "numpy", "optuna", "ray", "scikit-learn", "scipy", "tensorflow")
FOLDERS = ("course_utils", "data", "tests/benchmarks")
SUFFIXES = {".csv", ".flac", ".keras", ".npz", ".py"}
ANSWER = 5.0  # seconds for a cluster to answer at its port
SETTINGS = b"\x04"  # the kind of the first frame that either side of HTTP/2 sends (RFC 9113)
GREETING = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes(3) + SETTINGS + bytes(5)
JOINED = 90.0  # seconds for a machine to say its version, and to start its first worker
LOOK = 2.0  # seconds between two looks at which machines there are
Done = Generator[tuple[int, Any], None, None]  # positions and results
TRIES = 3  # machines that one job may lose before it is thought to be the reason


class ClusterError(RuntimeError):
    """A cluster cannot be used; the message says why, and what to do."""


def cluster_address() -> str:
    """Return the address of the Ray cluster, from ``COURSE_CLUSTER``; empty: this machine alone."""
    return os.environ.get("COURSE_CLUSTER", "")


def version() -> dict[str, str]:
    """Return what decides a result on a machine: the course's files, Python and packages."""
    digest = hashlib.sha256()
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in SUFFIXES and "build" not in path.relative_to(ROOT).parts:
                digest.update(f"{path.relative_to(ROOT).as_posix()}\n".encode())
                digest.update(hashlib.sha256(path.read_bytes()).digest())
    found = {"the course": digest.hexdigest()[:12], "Python": platform.python_version()}
    for name in PACKAGES:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            found[name] = "missing"
    return found


def each(
    work: Callable[[Any], Any],
    jobs: Iterable[Any],
    *,
    cluster: str = "",
    processes: int = 1,
    cores: int = 2,
    title: str = "",
) -> Iterator[tuple[int, Any]]:
    """Do `work` for each of the jobs; yield its position and its result as soon as it is done.

    Parameters
    ----------
    work, jobs : a function of one argument, and its arguments; both travel to other processes
    cluster : address of a Ray cluster, ``HOST:PORT``; empty: work on this machine
    processes : side by side on this machine, without a cluster
    cores : of a machine of the cluster, that one job takes; it computes with so many threads
    title : of the bar of progress, one for all machines; empty: there is none

    Raises
    ------
    ClusterError
        Ray is not installed, nobody answers, or no machine can work. What was yielded is done.
    """
    jobs = list(jobs)
    done = on_cluster(work, jobs, cluster, cores) if cluster else here(work, jobs, processes, cores)
    with tqdm(total=len(jobs), desc=title, disable=not title) as bar:
        try:
            for position, result in done:
                bar.update()
                yield position, result
        finally:
            done.close()  # also after Ctrl-C: nothing goes on working in the background


# ---------------------------------------------------------------- this machine


def here(work: Callable, jobs: list, processes: int, cores: int) -> Done:
    """Work on this machine, in this process if there is to be one."""
    before = dict(os.environ)
    if processes > 1:
        os.environ.update(threads(cores))  # new processes inherit it
    try:
        parallel = joblib.Parallel(n_jobs=processes, return_as="generator_unordered")
        yield from parallel(joblib.delayed(numbered)(work, *job) for job in enumerate(jobs))
    finally:
        for name in set(os.environ) - set(before):
            del os.environ[name]
        os.environ.update(before)


def numbered(work: Callable, position: int, job: Any) -> tuple[int, Any]:
    """Do one job; say which one it was."""
    return position, work(job)


def threads(cores: int) -> dict[str, str]:
    """Let NumPy and TensorFlow use so many threads: with another number sums round otherwise."""
    names = "OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"
    return dict.fromkeys(names, str(cores))


# ---------------------------------------------------------------- a cluster


class Machine(NamedTuple):
    """One machine of a cluster: what Ray calls it, what people call it, how many CPUs it has."""

    number: str
    name: str
    cpus: int


class Worker(NamedTuple):
    """A process on one of the machines, which takes one job after the other."""

    machine: Machine
    actor: Any


def connect(address: str) -> Any:
    """Join a cluster; return the module `ray`."""
    try:
        import ray
    except ImportError:
        raise ClusterError(
            "a cluster needs Ray, which is not installed. In the course's folder: "
            '.venv/bin/python -m pip install -e ".[cluster]"; on each machine'
        ) from None
    host, _, port = address.rpartition(":")
    if not host or not port.isdecimal():
        raise ClusterError(f"{address!r} is no address of a cluster: write HOST:PORT")
    hint = "Is `ray start --head --port=6379` running there, and is the port open?"
    try:
        with socket.create_connection((host, int(port)), timeout=ANSWER) as line:
            line.sendall(GREETING)
            said = line.recv(9)
    except (OSError, OverflowError) as error:
        raise ClusterError(f"nobody answers at {address} ({error}). {hint}") from None
    if said[3:4] != SETTINGS:  # Ray itself would wait for minutes
        raise ClusterError(f"what answers at {address} is no Ray cluster. {hint}")
    try:
        ray.init(address, logging_level="ERROR", log_to_driver=False)
    except (ConnectionError, RuntimeError, ValueError) as error:
        reason = " ".join(str(error).split())
        raise ClusterError(f"{address} does not let this machine join: {reason}. {hint}") from None
    return ray


def on_cluster(work: Callable, jobs: list, address: str, cores: int) -> Done:
    """Work on all machines of a cluster."""
    ray = connect(address)
    try:
        yield from Crew(ray, work, jobs, cores).results()
    finally:
        ray.shutdown()  # ends the workers, too


class Crew:
    """The workers of a cluster: which there are, and who does what.

    Each machine that joins is asked for its version, then gets one worker for every `cores` of
    its CPUs. A worker that is lost gives its job back.
    """

    def __init__(self, ray: Any, work: Callable, jobs: list, cores: int):
        self.ray, self.jobs, self.cores = ray, jobs, cores
        self.work = ray.put(work)
        self.expected = version()
        self.known: set[str] = set()
        self.variables: dict[str, dict[str, str]] = {}  # of each machine's workers
        self.asked: dict[Any, tuple[Machine, float]] = {}  # since when
        self.starting: dict[Any, Worker] = {}
        self.running: dict[Any, tuple[Worker, int]] = {}
        self.idle: list[Worker] = []
        self.waiting = deque(range(len(jobs)))
        self.losses = [0] * len(jobs)
        self.looked = -LOOK

    def results(self) -> Iterator[tuple[int, Any]]:
        """Yield position and result of each job as soon as it is done."""
        while self.waiting or self.running:
            self.look_for_machines()
            while self.idle and self.waiting:
                worker, position = self.idle.pop(), self.waiting.popleft()
                self.running[worker.actor.do.remote(self.jobs[position])] = worker, position
            expected = [*self.running, *self.starting, *self.asked]
            if not expected:
                raise ClusterError(
                    f"no machine of the cluster can work, and {len(self.waiting)} jobs are not "
                    "done; what was finished is kept"
                )
            for answer in self.ray.wait(expected, timeout=LOOK)[0]:
                if answer in self.running:
                    yield from self.finished(answer)
                elif answer in self.starting:
                    self.started(answer)
                else:
                    self.answered(answer)

    def look_for_machines(self) -> None:
        """Ask machines that are new for their version."""
        now = time.monotonic()
        if now - self.looked < LOOK:
            return
        self.looked = now
        for node in self.ray.nodes():
            number = node["NodeID"]
            if node["Alive"] and number not in self.known:
                name = node.get("NodeName") or node["NodeManagerAddress"]
                if node["NodeManagerHostname"] not in name:
                    name += f" ({node['NodeManagerHostname']})"
                machine = Machine(number, name, int(node["Resources"].get("CPU", 0)))
                self.known.add(number)
                asks = self.ray.remote(question()).options(**self.only_on(machine, num_cpus=0))
                self.asked[asks.remote()] = machine, now
        for answer, (machine, since) in list(self.asked.items()):
            if now - since > JOINED:
                del self.asked[answer]
                self.refuse(machine, f"it has said nothing for {JOINED:.0f} s")

    def only_on(self, machine: Machine, **options: Any) -> dict[str, Any]:
        """Return options of Ray for what has to run on one machine, and nowhere else."""
        strategy = self.ray.util.scheduling_strategies.NodeAffinitySchedulingStrategy
        return {"scheduling_strategy": strategy(machine.number, soft=False), **options}

    def answered(self, answer: Any) -> None:
        """Compare the version of a machine with that of this one; start its workers."""
        machine, _ = self.asked.pop(answer)
        try:
            path, found = self.ray.get(answer)
        except self.ray.exceptions.RayError as error:
            self.refuse(machine, f"it has no course, or an older one ({last_line(error)})")
            return
        differ = [name for name in self.expected if found.get(name) != self.expected[name]]
        if differ:
            name = differ[0]
            there, here = found.get(name, "missing"), self.expected[name]
            self.refuse(machine, f"it has another version of {name}: {there}, here {here}")
        elif machine.cpus < self.cores:
            self.refuse(machine, f"it gives {machine.cpus} CPUs, and a job takes {self.cores}")
        else:
            self.variables[machine.number] = {**threads(self.cores), "PYTHONPATH": path}
            for _ in range(machine.cpus // self.cores):
                self.start(machine)

    def start(self, machine: Machine) -> None:
        """Start a worker on a machine."""
        options = self.only_on(machine, num_cpus=self.cores)
        options["runtime_env"] = {"env_vars": self.variables[machine.number]}
        actor = self.ray.remote(Hand).options(**options).remote(self.work)
        self.starting[actor.ready.remote()] = Worker(machine, actor)

    def started(self, answer: Any) -> None:
        """Count a worker in."""
        worker = self.starting.pop(answer)
        try:
            self.ray.get(answer)
            self.idle.append(worker)
        except self.ray.exceptions.RayError as error:
            self.refuse(worker.machine, f"no worker starts there ({last_line(error)})")

    def finished(self, answer: Any) -> Iterator[tuple[int, Any]]:
        """Yield a result; if its worker was lost, put the job back."""
        worker, position = self.running.pop(answer)
        lost = self.ray.exceptions.RayActorError, self.ray.exceptions.ObjectLostError
        try:
            result = self.ray.get(answer)
        except lost:
            self.lose(worker, position)
        else:
            self.idle.append(worker)
            yield position, result

    def lose(self, worker: Worker, position: int) -> None:
        """Put a job back, and start anew what the machine had beside it: it may be gone."""
        machine = worker.machine
        self.losses[position] += 1
        if self.losses[position] == TRIES:
            raise ClusterError(
                f"job {position + 1} lost {TRIES} workers, the last one on {machine.name}: is the "
                "memory there too small? What was finished is kept"
            )
        self.waiting.appendleft(position)
        say(f"{machine.name} lost a worker; its job goes to the next one that is free.")
        beside = [other for other in self.idle if other.machine == machine]
        self.idle = [other for other in self.idle if other.machine != machine]
        for other in beside:
            self.ray.kill(other.actor)
        for _ in [worker, *beside]:
            self.start(machine)

    def refuse(self, machine: Machine, reason: str) -> None:
        """Leave a machine out, and say so."""
        say(f"{machine.name} is left out: {reason}.")


def question() -> Callable[[], tuple[str, dict[str, str]]]:
    """Return a function that travels as code: a machine without this module can run it."""

    def where_and_what() -> tuple[str, dict[str, str]]:
        import importlib
        import os

        there = importlib.import_module("course_utils.setup.cluster")
        path = [str(there.ROOT), os.environ.get("PYTHONPATH")]
        return os.pathsep.join(filter(None, path)), there.version()

    return where_and_what


class Hand:
    """What a worker runs: it keeps the function, and imports what that needs only once."""

    def __init__(self, work: Callable):
        self.work = work

    def ready(self) -> bool:
        """Answer as soon as the function is there."""
        return True

    def do(self, job: Any) -> Any:
        """Do one job."""
        return self.work(job)


def last_line(error: Exception) -> str:
    """Return the last line of what went wrong far away."""
    return str(error).strip().splitlines()[-1]


def say(line: str) -> None:
    """Say something above the bar of progress."""
    tqdm.write(line, file=sys.stderr)
