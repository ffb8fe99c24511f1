"""Jobs side by side: the same results here, in two processes, and on a cluster that loses one."""

from __future__ import annotations

import http.server
import importlib.util
import os
import shutil
import socket
import sys
import threading
import time
from functools import partial
from pathlib import Path

from course_utils.paths import ROOT
from course_utils.setup import cluster
from course_utils.setup.cluster import ClusterError, each
from tests.benchmarks.cluster import machines, patiently

import numpy as np
import pytest

with_ray = pytest.mark.skipif(
    importlib.util.find_spec("ray") is None,
    reason='Ray is not installed: .venv/bin/python -m pip install -e ".[cluster]"',
)


def some_work(
    seed: int, folder: Path | None = None, seconds: float = 0.0, together: int = 1
) -> float:
    """Compute a little; leave a file that says who did it. Wait until so many are at work."""
    if folder:
        (folder / f"worker-{os.getpid()}").touch()
        late = time.monotonic() + 120
        while len(list(folder.glob("worker-*"))) < together and time.monotonic() < late:
            time.sleep(0.1)
    time.sleep(seconds)
    rng = np.random.default_rng(seed)
    found = float(np.linalg.svd(rng.normal(size=(40, 40)), compute_uv=False).sum())
    if folder:
        (folder / f"{seed}-{os.getpid()}").touch()
    return found


EXPECTED = {position: some_work(position) for position in range(12)}


# ---------------------------------------------------------------- this machine


def test_jobs_are_done_here_in_turn():
    found = each(some_work, range(12))
    assert next(found) == (0, EXPECTED[0])
    assert dict(found) == {p: EXPECTED[p] for p in range(1, 12)}
    assert list(each(some_work, [])) == []


def test_two_processes_find_the_same_to_the_last_digit(tmp_path):
    before = dict(os.environ)
    found = dict(each(partial(some_work, folder=tmp_path), range(12), processes=2, cores=1))
    assert found == EXPECTED
    assert os.environ == before
    pids = {path.name.partition("-")[2] for path in tmp_path.iterdir()}
    assert str(os.getpid()) not in pids


def test_what_was_stopped_leaves_nothing_behind():
    def stopped(seed):
        if seed == 2:
            raise KeyboardInterrupt
        return seed

    before, found = dict(os.environ), []
    with pytest.raises(KeyboardInterrupt):
        for position, _ in each(stopped, range(4)):
            found.append(position)
    assert found == [0, 1] and os.environ == before


def test_there_is_one_bar_for_all(capsys):
    list(each(some_work, range(12), title="trainings"))
    assert "trainings: 100%" in capsys.readouterr().err
    list(each(some_work, range(3)))
    assert capsys.readouterr().err == ""


# ---------------------------------------------------------------- a cluster that is none


def test_without_ray_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(ClusterError, match=r'Ray, which is not installed.*"\.\[cluster\]"'):
        list(each(some_work, [1], cluster="localhost:6379"))


@pytest.mark.parametrize("address", ["somewhere", ":6379", "localhost:", "localhost:http"])
def test_an_address_has_a_host_and_a_port(address, monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", object())
    with pytest.raises(ClusterError, match="is no address of a cluster: write HOST:PORT"):
        list(each(some_work, [1], cluster=address))


def test_an_address_that_does_not_answer_is_given_up_within_seconds(monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", object())
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))  # and does not listen
        start = time.monotonic()
        with pytest.raises(ClusterError, match="nobody answers at .* Is `ray start --head"):
            list(each(some_work, [1], cluster=f"127.0.0.1:{nobody.getsockname()[1]}"))
    assert time.monotonic() - start < 2 * cluster.ANSWER


def test_what_answers_and_is_no_cluster_is_given_up_within_seconds(monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", object())

    class Quiet(http.server.BaseHTTPRequestHandler):
        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Quiet)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    start = time.monotonic()
    with pytest.raises(ClusterError, match="what answers at .* is no Ray cluster"):
        list(each(some_work, [1], cluster=f"127.0.0.1:{server.server_address[1]}"))
    assert time.monotonic() - start < 2 * cluster.ANSWER
    server.shutdown()
    server.server_close()


def test_the_address_can_come_from_the_environment(monkeypatch):
    monkeypatch.delenv("COURSE_CLUSTER", raising=False)
    assert cluster.cluster_address() == ""
    monkeypatch.setenv("COURSE_CLUSTER", "head:6379")
    assert cluster.cluster_address() == "head:6379"


def test_a_version_names_the_files_and_the_packages(tmp_path, monkeypatch):
    here = cluster.version()
    assert here == cluster.version() and {"the course", "Python", "keras", "ray"} <= set(here)
    (tmp_path / "course_utils").mkdir()
    (tmp_path / "course_utils" / "paths.py").write_text("")
    monkeypatch.setattr(cluster, "ROOT", tmp_path)
    there = cluster.version()
    assert [name for name in here if here[name] != there[name]] == ["the course"]


# ---------------------------------------------------------------- two machines, one of them killed


def other_course(folder: Path) -> str:
    """Copy what a machine needs of the course, with one line more; return its place."""
    for part in ("course_utils", "data"):
        shutil.copytree(ROOT / part, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
    with open(folder / "course_utils" / "audio.py", "a") as file:
        file.write("# another version\n")
    return str(folder)


@with_ray
@pytest.mark.slow
def test_a_machine_that_dies_loses_nothing_that_was_finished(tmp_path, monkeypatch, capfd):
    (tmp_path / "done").mkdir()
    monkeypatch.chdir(tmp_path)  # Ray lets workers import from where the driver stands
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent))  # where they find `some_work`
    work = partial(some_work, folder=tmp_path / "done", seconds=0.5, together=4)
    with machines(first_cpus=2) as some:
        second = patiently(lambda: some.add_node(num_cpus=2, node_name="second"))
        paths = [other_course(tmp_path / "other"), os.environ["PYTHONPATH"]]
        variables = {"PYTHONPATH": os.pathsep.join(paths)}
        stranger = {"num_cpus": 2, "node_name": "stranger", "env_vars": variables}
        patiently(lambda: some.add_node(**stranger))
        found, early = [], set()
        for position, result in each(
            work, range(12), cluster=some.address, cores=1, title="trainings"
        ):
            found.append((position, result))
            if len(found) == 5:
                early = {position for position, _ in found}
                some.remove_node(second, allow_graceful=False)  # kill -9
        with pytest.raises(ClusterError, match="no machine of the cluster can work, and 1 jobs"):
            list(each(work, [1], cluster=some.address, cores=64))
    assert sorted(found) == sorted(EXPECTED.items()), "each once, the same to the last digit"
    times = [path.name.partition("-")[0] for path in (tmp_path / "done").iterdir()]
    assert all(times.count(str(position)) == 1 for position in early), "not made twice"
    said = capfd.readouterr().err
    assert "second (" in said and "lost a worker; its job goes to the next one" in said
    assert "is left out: it has another version of the course: " in said
    assert "stranger (" in said.partition(" is left out: it has another version")[0]
    assert "CPUs, and a job takes 64" in said
    assert "trainings: 100%" in said and "12/12" in said
