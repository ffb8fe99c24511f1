"""`make test`: every test, as a list of jobs that two workers share.

`make test-fast` is the first of them without what trains (``--fast``). Further arguments go to
pytest, for example ``tests/run_all.py -k recorder``. A job is one run of pytest with a rough cost
in seconds: the fast tests come first, then the longest job, and what needs a machine without
trainings last. What a job prints is shown when it ends. A chapter that has passed with the second
corpus is not run with it again until it, or something that it depends on, changes, and neither are
the exercises (passed_before.py); with ``--again`` they are.
"""

from __future__ import annotations

import contextlib
import json
import os
import platform
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

ROOT = Path(__file__).resolve().parent.parent
if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
from tests import passed_before  # noqa: E402  (found only now)

WORKERS = 2
UNITS = ["tests", "--ignore=tests/browser"]
UNITS += ["--ignore=tests/exercises", "--ignore=tests/editions"]  # instructors
UNITS += ["--ignore=tests/site", "--ignore=tests/hub"]  # instructors
# glibc gives large arrays back to the system and asks for them again in every training step. In a
# virtual machine that is dear: kept instead, training takes a third less time. TensorFlow has
# oneDNN's convolutions, but takes them by itself only on processors with certain instructions;
# on others too a step of a small network then takes half to three quarters of the time. The
# Makefile sets the same for `make lab`; a test compares the two.
TRAINS_FASTER = {
    "MALLOC_TOP_PAD_": "268435456",
    "MALLOC_MMAP_THRESHOLD_": "4294967296",
    "MALLOC_TRIM_THRESHOLD_": "4294967296",
    "TF_ENABLE_ONEDNN_OPTS": "1",
}
# Every notebook runs with both corpora: what it claims, and asserts, has to hold for each.
# With the synthetic voices each cell that takes no longer than this runs twice in a row: a student
# does so all the time (conftest.py).
EMBEDDED = {"COURSE_CORPUS": "embedded", "COURSE_CELLS": "twice=5"}


@dataclass
class Job:
    """One run of pytest: its arguments, what it roughly costs, how many workers it needs."""

    title: str
    arguments: list[str]
    seconds: float  # on two idle cores
    workers: int = 1
    environment: dict[str, str] = field(default_factory=dict)
    noted_as: str = ""  # under this name a pass is noted, with
    digest: str = ""  # of all that it depends on
    apart: bool = False  # beside what trains it would be too slow: only beside its like


def jobs(fast: bool) -> list[Job]:
    """Return what there is to do, in the order in which to start it."""
    if fast:
        parts = [*UNITS, "-m", "not slow", "-n", "2", "--dist", "loadfile"]
        return [Job("units and guards that train nothing", parts, 90, workers=2)]
    pool = [Job("units that train", [*UNITS, "-m", "slow"], 150)]
    trained_with = {name: os.environ.get(name, value) for name, value in TRAINS_FASTER.items()}
    for path in sorted((ROOT / "notebooks").glob("[0-9][0-9]_*.ipynb")):
        stated = re.search(r"runs in under (\d+) s", path.read_text(encoding="utf-8"))
        seconds = float(stated[1]) if stated else 60.0
        arguments = ["--nbval", "--nbval-cell-timeout=240", f"notebooks/{path.name}"]
        pool.append(Job(f"{path.stem}, as stored", arguments, seconds))
        about = path.stem, passed_before.digest_of(path, {**trained_with, **EMBEDDED})
        pool.append(Job(f"{path.stem}, embedded corpus", arguments, seconds, 1, EMBEDDED, *about))
    pool.append(Job("student edition", ["tests/editions"], 150))  # instructors
    pool.append(Job("site", ["tests/site"], 240))  # instructors
    # instructors
    proof = "tests/exercises/test_proof.py"
    graded = passed_before.digest_of_exercises()
    parts = ["tests/exercises", f"--ignore={proof}"]
    pool.append(Job("commands and attacks", parts, 270, 1, {}, "commands and attacks", graded))
    # /instructors
    pool.sort(key=lambda job: -job.seconds)
    # instructors
    hub = []
    if (ROOT / "build" / "hub").is_dir():  # tests/hub/prepare.py makes it
        hub.append(Job("a class on a hub", ["tests/hub"], 150, apart=True))
    # /instructors
    return [
        Job("units and guards that train nothing", [*UNITS, "-m", "not slow"], 120),
        *pool,
        Job("right and wrong answers", [proof], 290, 2, {}, "proofs", graded),  # instructors
        Job("browser", ["tests/browser"], 330, apart=True),
        *hub,  # instructors
    ]


# ---------------------------------------------------------------- running


def start(job: Job, more: list[str]) -> tuple[subprocess.Popen, IO[str]]:
    """Start a job; return it, with the file that its output goes to."""
    output = tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace")
    cache = "cache_dir=build/pytest-cache/" + re.sub(r"\W+", "-", job.title)
    process = subprocess.Popen(
        [sys.executable, "-m", "pytest", "-q", "-o", cache, *job.arguments, *more],
        cwd=ROOT,
        env={**TRAINS_FASTER, **os.environ, **job.environment},
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        start_new_session=os.name == "posix",  # Ctrl-C reaches it through `stop`, once
    )
    return process, output


def stop(processes: list[subprocess.Popen]) -> None:
    """End what still runs: first as Ctrl-C does, so that pytest takes its kernels with it."""
    for process in processes:
        process.send_signal(signal.SIGINT) if os.name == "posix" else process.terminate()
    for process in processes:
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()


def counted(output: str) -> dict[str, int]:
    """Read what pytest's closing line counts, such as ``2 failed, 77 passed in 86.12s``."""
    closing = [line for line in output.splitlines() if re.search(r" in [\d.]+s\b", line)]
    found = re.findall(r"(\d+) (passed|failed|error|skipped)", closing[-1] if closing else "")
    counts = {what: int(number) for number, what in found}
    return {
        "passed": counts.get("passed", 0),
        "failed": counts.get("failed", 0) + counts.get("error", 0),
        "skipped": counts.get("skipped", 0),
    }


def may_start(job: Job, running: Sequence[Job]) -> bool:
    """Whether a job may start beside those that run."""
    fits = job.workers + sum(other.workers for other in running) <= WORKERS
    return fits and all(other.apart == job.apart for other in running)


def run(waiting: list[Job], more: list[str], before: Sequence[Job] = ()) -> int:
    """Run jobs side by side, as far as the workers go; print, and return the exit code.

    `before` are jobs that passed earlier, and are not run: the record of this run names them.
    """
    running: dict[subprocess.Popen, tuple[Job, IO[str], float]] = {}
    totals, table, begin = {"passed": 0, "failed": 0, "skipped": 0}, [], time.monotonic()
    outcomes = [{"title": j.title, "outcome": "passed before", "seconds": 0.0} for j in before]
    try:
        while waiting or running:
            if waiting and may_start(waiting[0], [job for job, _, _ in running.values()]):
                job = waiting.pop(0)
                process, output = start(job, more)
                running[process] = job, output, time.monotonic()
                continue
            ended = [process for process in running if process.poll() is not None]
            if not ended:
                time.sleep(0.2)
            for process in ended:
                job, output, began = running.pop(process)
                output.seek(0)
                said, seconds = output.read(), time.monotonic() - began
                output.close()
                none = process.returncode == 5 and bool(more)  # a filter left no test
                counts, passed = counted(said), process.returncode == 0 or none
                counts["failed"] += not passed and not counts["failed"]  # it crashed
                totals = {what: totals[what] + counts[what] for what in totals}
                verdict = f"{'passed' if passed else 'FAILED'}, {seconds:.0f} s"
                print(f"\n=== {job.title}: {verdict}\n{said.strip()}", flush=True)
                outcome = "passed" if passed else "failed"
                if passed and job.digest and not more:
                    passed_before.note(job.noted_as, job.digest, passed_before.NOTED)
                outcomes.append({"title": job.title, "outcome": outcome, "seconds": seconds})
                table.append(f"{seconds:6.0f} s  {'' if passed else 'FAILED  '}{job.title}")
    except KeyboardInterrupt:
        stop(list(running))
        print("\nStopped.", flush=True)
        return 130
    if not more:
        remember({**totals, "seconds": time.monotonic() - begin, "jobs": outcomes})
    print(f"\n=== {time.monotonic() - begin:.0f} s in all\n" + "\n".join(table))
    print("{passed} passed, {failed} failed, {skipped} skipped".format(**totals), flush=True)
    return 1 if totals["failed"] else 0


def remember(outcome: dict) -> None:
    """Note how a full run ended, for the status page of the site; a run of one job is none."""
    if len(outcome["jobs"]) < 2:
        return
    command, commit = ["git", "rev-parse", "--short", "HEAD"], ""
    with contextlib.suppress(OSError):  # a copy without git
        commit = subprocess.run(command, cwd=ROOT, capture_output=True, text=True).stdout.strip()
    outcome |= {"when": time.strftime("%d %B %Y, %H:%M UTC", time.gmtime())}
    outcome |= {"python": platform.python_version(), "commit": commit}
    (ROOT / "build").mkdir(exist_ok=True)
    (ROOT / "build" / "last-run.json").write_text(json.dumps(outcome), encoding="utf-8")


def main(arguments: list[str]) -> int:
    """Read the command line."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # end the jobs, then go
    todo, notes = jobs("--fast" in arguments), passed_before.noted(passed_before.NOTED)
    before = [job for job in todo if job.digest and notes.get(job.noted_as) == job.digest]
    before = [] if "--again" in arguments else before
    if before:
        names = ", ".join(sorted(job.title for job in before))
        print(f"Passed before, and nothing changed since: {names}.", flush=True)
        todo = [job for job in todo if job not in before]
    return run(todo, [one for one in arguments if one not in ("--fast", "--again")], before)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
