"""Where a Ray cluster pays: folds that take so long, on so many workers (chapter 09).

The machines of the cluster are processes of this one, with one CPU each. A fold sleeps: so what
is measured is what the cluster adds, whatever this machine has to compute. `machines` is also
what the tests of `course_utils.setup.cluster` stand on.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from course_utils.paths import ROOT
from course_utils.setup import cluster

FOLDS = 8
FOLD_SECONDS = (10, 60)
WORKERS = (1, 2, 4)
# A library that Ray imports can check addresses in all scripts of the world, and builds its
# grammar for that in every process: two seconds. It is left out here, as nothing needs it
LEFT_OUT = 'raise ImportError("not needed here")\n'
IMPORT = "import time; import course_utils.training; print(time.process_time())"


def setup() -> Any:
    """What the numbers depend on."""
    return FOLDS, FOLD_SECONDS, WORKERS, "one CPU a worker"


@contextlib.contextmanager
def machines(first_cpus: int = 1, **environment: str) -> Iterator[Any]:
    """Start a Ray cluster of one machine, to which others can be added (Ray's `Cluster`).

    Neither Ray's page nor what asks a cloud for more machines is started: each takes seconds.
    """
    import ray._private.node
    from ray.cluster_utils import Cluster

    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
        (Path(folder) / "rfc3987_syntax.py").write_text(LEFT_OUT)
        paths = [folder, str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
        before = dict(os.environ)
        stack.callback(os.environ.update, before)
        stack.callback(os.environ.clear)
        os.environ.update({
            "PYTHONPATH": os.pathsep.join(paths),
            "RAY_USAGE_STATS_ENABLED": "0",  # asks nobody outside
            "RAY_raylet_start_wait_time_s": "35",
            "RAY_worker_niceness": "0",
            **environment,
        })  # fmt: skip
        node = ray._private.node.Node
        for name in ("start_api_server", "start_monitor", "start_log_monitor"):
            stack.callback(setattr, node, name, getattr(node, name))
            setattr(node, name, lambda self, **_: None)
        head = {"num_cpus": first_cpus}
        found = patiently(lambda: Cluster(initialize_head=True, head_node_args=head))
        stack.callback(found.shutdown)
        yield found


def patiently(start: Callable[[], Any], tries: int = 4) -> Any:
    """Start a machine; some of Ray's processes get 15 s, too few beside other work."""
    for _ in range(tries - 1):
        try:
            return start()
        except Exception as error:  # Ray's own
            if "timed out during startup" not in str(error):
                raise
    return start()


def fold(seconds: float) -> float:
    """Stand for a training."""
    time.sleep(seconds)
    return seconds


def measure() -> list[dict[str, Any]]:
    """Time the folds on more and more workers, and what a start takes."""
    rows = []

    def note(model: str, metric: str, value: float, split: str | None = None) -> None:
        rows.append(
            {"model": model, "metric": metric, "value": round(value, 2), "unit": "s"}
            | {"split": split}
        )

    run = subprocess.run([sys.executable, "-c", IMPORT], capture_output=True, text=True, check=True)
    note("TensorFlow", "processor time to start", float(run.stdout))
    with machines() as some:
        for n_workers in WORKERS:
            while len(some.list_all_nodes()) < n_workers:
                patiently(lambda: some.add_node(num_cpus=1))
            where = f"{n_workers} workers" if n_workers > 1 else "1 worker"
            for seconds in FOLD_SECONDS:
                start = time.perf_counter()
                done = cluster.each(fold, [seconds] * FOLDS, cluster=some.address, cores=1)
                first = None
                for _ in done:
                    first = first or time.perf_counter() - start - seconds
                taken = time.perf_counter() - start
                note(f"{FOLDS} folds of {seconds} s", "time", taken, where)
                if seconds == FOLD_SECONDS[0]:
                    note("Ray", "time to join and to start workers", first, where)
                print(f"cluster: {where}, {seconds} s: {taken:.1f} s", flush=True)
    return rows
