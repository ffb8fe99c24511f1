"""Processes that grade side by side; one that does not answer any more holds nobody else up."""

import multiprocessing
import os
import time
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection, wait

__all__ = ["run_jobs"]

JOB_SECONDS = 1800  # far more than any submission may take: then its process is ended
LARGEST_MEMORY = 1_000_000_000  # bytes of a process that grades; the answers run elsewhere


class _Worker:
    def __init__(self, do: Callable, arguments: tuple):
        spawn = multiprocessing.get_context("spawn")
        self.connection, theirs = spawn.Pipe()
        self.process = spawn.Process(target=_work, args=(theirs, do, arguments), daemon=False)
        self.process.start()
        theirs.close()
        self.job: tuple | None = None
        self.kind: object = None
        self.until = float("inf")

    def begin(self, job: tuple) -> None:
        """Give it a job."""
        self.job, self.kind = job, job[0]
        self.until = time.monotonic() + JOB_SECONDS
        self.connection.send(job)

    def end(self) -> None:
        """End the process, at once if it is at work."""
        self.connection.close()
        if not self.job:
            self.process.join(5)
        self.process.kill()
        self.process.join()


def _work(connection: Connection, do: Callable, arguments: tuple) -> None:
    """Do the jobs that arrive, in the worker's process."""
    from course_utils.instructors.confinement import limit_resources

    os.environ["COURSE_GRADING_WORKER"] = "1"
    limit_resources(LARGEST_MEMORY, 10**10, 10**6)
    while True:
        try:
            job = connection.recv()
            try:
                answer = True, do(*arguments, *job)
            except Exception as error:
                answer = False, f"{type(error).__name__}: {error}"
            connection.send(answer)
        except (EOFError, OSError, KeyboardInterrupt):
            return


def run_jobs(
    do: Callable, arguments: tuple, jobs: list[tuple], n_workers: int
) -> Iterator[tuple[tuple, object, str]]:
    """Call ``do(*arguments, *job)`` for each job in other processes.

    Jobs whose first entry is equal go to the same process as far as possible: it may keep what
    it has prepared for them. A job that ends its process is tried once more.

    Yields
    ------
    the job, what was returned, and if there is nothing, why; in the order in which they end
    """
    waiting, ended = list(jobs), set()
    workers: list[_Worker] = []
    try:
        while waiting or any(worker.job for worker in workers):
            while waiting:
                idle = [worker for worker in workers if not worker.job]
                if not idle and len(workers) == n_workers:
                    break
                if not idle:
                    workers.append(_Worker(do, arguments))
                worker = idle[0] if idle else workers[-1]
                busy = [other.kind for other in workers if other.job]
                waiting.sort(key=lambda job: (job[0] != worker.kind, busy.count(job[0])))
                worker.begin(waiting.pop(0))
            working = [worker for worker in workers if worker.job]
            until = min(worker.until for worker in working)
            wait([worker.connection for worker in working], max(0.1, until - time.monotonic()))
            for worker in working:
                job, value, problem = worker.job, None, ""
                assert job is not None
                if worker.connection.poll():
                    try:
                        good, value = worker.connection.recv()
                        problem = "" if good else value
                    except (EOFError, OSError):
                        problem = "it ended the process that grades, twice"
                elif time.monotonic() > worker.until:
                    problem = f"grading it took more than {JOB_SECONDS // 60} minutes"
                else:
                    continue
                worker.job = None
                if problem and value is None:  # the process is of no use any more
                    workers.remove(worker)
                    worker.end()
                    if job[:2] not in ended and "twice" in problem:
                        ended.add(job[:2])
                        waiting.append(job)
                        continue
                yield job, None if problem else value, problem
    finally:
        for worker in workers:
            worker.end()
