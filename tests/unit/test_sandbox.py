"""What a student's process can see and do, with a sandbox and without."""

import json
import os
import subprocess
import sys
import textwrap
import time

from course_utils.instructors import sandbox
from course_utils.instructors.confinement import filter_program, refuse_processes
from course_utils.instructors.proxies import Answers
from course_utils.instructors.sandbox import Gone, Limits, Process, choose
from course_utils.paths import ROOT

import psutil
import pytest

pytestmark = pytest.mark.slow
linux = pytest.mark.skipif(sys.platform != "linux", reason="a filter of Linux")
bubblewrap = pytest.mark.skipif(
    choose()[0] != "bubblewrap", reason=f"bubblewrap does not work here: {choose()[1]}"
)
LIMITS = Limits(cell_seconds=20, memory=400_000_000, folder=50_000_000)


@pytest.fixture(scope="module")
def inside():
    """Return a function that runs code in the sandbox and returns what it printed as JSON."""
    answers = Answers("bubblewrap", LIMITS, 3.0, [])

    def run(code):
        source = f"import json, os\n{textwrap.dedent(code)}\nprint(json.dumps(seen))"
        outputs, reason = answers.run(source, again=False)
        assert not reason and [out["kind"] for out in outputs] == ["stream"], (outputs, reason)
        return json.loads(outputs[0]["text"])

    yield run
    answers.stop()


@bubblewrap
def test_of_the_course_only_what_answers_import_is_there(inside):
    seen = inside("""
        seen = [os.path.join(folder, name) for folder, _, names in os.walk("/course")
                for name in names if "__pycache__" not in folder]
    """)
    assert "/course/course_utils/features.py" in seen and "/course/data/embedded/index.csv" in seen
    instructors = {path for path in seen if "/instructors/" in path}
    assert {os.path.basename(path) for path in instructors} == {
        "wire.py", "answers.py", "confinement.py"
    }  # fmt: skip
    assert not [path for path in seen if path.endswith((".ipynb", ".db", "INSTRUCTORS.md"))]
    code = f"""
        places = {[str(ROOT / name) for name in ("notebooks", "tests", "build", ".git", "data")]}
        seen = [place for place in places if os.path.exists(place)]
    """
    assert inside(code) == []


@bubblewrap
def test_nothing_can_be_written_but_its_own_folder(inside):
    seen = inside("""
        seen = []
        places = ["/", "/course", "/course/course_utils", "/usr/lib", "/etc", "/dev", "/home",
                  "/tmp", "/dev/shm", os.path.dirname(json.__file__)]
        for place in places:
            try:
                open(place + "/mine", "w").close()
                seen.append(place)
            except OSError:
                pass
    """)
    assert seen == ["/tmp", "/dev/shm"]


@bubblewrap
def test_there_is_no_network_and_no_other_process(inside):
    seen = inside("""
        import socket
        seen = {"pids": [int(n) for n in os.listdir("/proc") if n.isdigit()], "reached": []}
        interfaces = open("/proc/net/dev").read().split()
        seen["interfaces"] = [word for word in interfaces if word.endswith(":")]
        for family in (socket.AF_INET, socket.AF_INET6, socket.AF_NETLINK):
            try:
                seen["reached"].append(str(socket.socket(family, socket.SOCK_RAW)))
            except OSError:
                pass
    """)
    assert len(seen["pids"]) <= 2 and seen["interfaces"] == ["lo:"] and seen["reached"] == []


@bubblewrap
def test_its_environment_and_its_home_are_its_own(inside, monkeypatch):
    monkeypatch.setenv("A_SECRET", "token")
    seen = inside("""
        seen = dict(os.environ) | {"files": os.listdir(os.path.expanduser("~"))}
        seen["above"] = open("/proc/1/environ").read()
    """)
    assert seen["HOME"] == "/tmp/home" and "A_SECRET" not in seen and seen["above"] == ""
    assert set(seen["files"]) <= {"work", "matplotlib", "ipython"}


@bubblewrap
def test_its_temporary_folder_is_bounded(inside):
    seen = inside("""
        seen = 0
        for place in ("/tmp", "/dev/shm"):
            try:
                for number in range(100):
                    with open(f"{place}/{number}", "wb") as file:
                        seen += file.write(bytes(5_000_000))
            except OSError:
                pass
        for place in ("/tmp", "/dev/shm"):
            for name in os.listdir(place):
                if name.isdigit():
                    os.remove(f"{place}/{name}")
    """)
    assert seen <= 2.2 * LIMITS.folder


@bubblewrap
def test_too_much_memory_is_an_error_there(inside):
    seen = inside("""
        seen = "fine"
        try:
            bytearray(2_000_000_000)
        except MemoryError:
            seen = "an error"
    """)
    assert seen == "an error"


@bubblewrap
def test_memory_that_is_shared_ends_the_process():
    answers = Answers("bubblewrap", LIMITS, 3.0, [])
    source = """
    import mmap
    blocks = []
    while True:
        blocks.append(mmap.mmap(-1, 20_000_000))
        blocks[-1].write(bytes(20_000_000))
    """
    outputs, reason = answers.run(textwrap.dedent(source))
    assert "memory" in reason or any(out.get("name") == "OSError" for out in outputs)
    answers.stop()


@bubblewrap
def test_the_process_ends_with_what_started_it():
    code = """
    import os, sys
    from course_utils.instructors.proxies import Answers
    from course_utils.instructors.sandbox import Limits
    answers = Answers("bubblewrap", Limits(), 3.0, [])
    answers.run("1")
    print(*[process.pid for process in answers._process._family()], flush=True)
    os.kill(os.getpid(), 9)
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)],
        env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True,
    )  # fmt: skip
    pids = list(map(int, done.stdout.split()))
    end = time.monotonic() + 10
    while any(map(psutil.pid_exists, pids)) and time.monotonic() < end:
        time.sleep(0.1)
    assert len(pids) >= 2 and not any(map(psutil.pid_exists, pids))


# ---------------------------------------------------------------- where no sandbox can be made

landlock = pytest.mark.skipif(
    sandbox._try_out("landlock") != "", reason="this kernel has no Landlock"
)


@landlock
def test_landlock_shuts_files_and_other_processes(tmp_path):
    secret = tmp_path / "solution.txt"
    secret.write_text("42")
    answers = Answers("landlock", LIMITS, 3.0, [])
    source = f"""
    import ctypes, json, os
    import course_utils.corpora, matplotlib.pyplot as plt
    course_utils.corpora.load_digits("embedded")
    open("mine.txt", "w").write("mine")
    seen = []

    def attempt(way):
        try:
            seen.append(str(way()))
        except OSError:
            pass

    def with_libc():
        handle = ctypes.CDLL(None).open({str(secret)!r}.encode(), 0)
        return os.read(handle, 100)

    attempt(lambda: open({str(secret)!r}).read())
    attempt(with_libc)
    attempt(lambda: os.listdir({str(tmp_path)!r}))
    attempt(lambda: open({str(ROOT / "course_utils/instructors/examiner.py")!r}).read())
    attempt(lambda: open({str(ROOT / "README.md")!r}).read())
    attempt(lambda: open({str(tmp_path / "new")!r}, "w"))
    attempt(lambda: os.remove({str(secret)!r}))
    attempt(lambda: open(f"/proc/{{os.getppid()}}/mem", "r+b"))
    attempt(lambda: open(f"/proc/{{os.getppid()}}/environ").read())
    attempt(lambda: os.open("/dev/shm/mine", os.O_CREAT))
    print(json.dumps(seen))
    """
    outputs, reason = answers.run(textwrap.dedent(source))
    answers.stop()
    assert not reason and json.loads(outputs[0]["text"]) == [], outputs
    assert secret.read_text() == "42" and list(tmp_path.iterdir()) == [secret]


@landlock
def test_landlock_bounds_the_folder():
    answers = Answers("landlock", LIMITS, 3.0, [])
    source = """
    import time
    for number in range(20):
        open(str(number), "wb").write(bytes(5_000_000))
        time.sleep(0.1)
    """
    assert "wrote more" in answers.run(textwrap.dedent(source))[1]
    answers.stop()


# ---------------------------------------------------------------- everywhere


@linux
@pytest.mark.parametrize(
    "attempt",
    [
        "os.fork()",
        "subprocess.run(['true'])",
        "os.posix_spawn('/bin/true', ['true'], {})",
        "os.execv('/bin/true', ['true'])",
        "socket.socket()",
        "socket.socket(socket.AF_UNIX)",
        "os.kill(os.getppid(), 0)",
        "signal.pidfd_send_signal(os.pidfd_open(os.getppid()), 0)",
        "resource.prlimit(os.getppid(), resource.RLIMIT_CPU)",
        "os.setsid()",
    ],
)
def test_the_kernel_refuses_processes_signals_and_the_network(attempt):
    code = f"""
    import os, resource, signal, socket, subprocess, threading
    from course_utils.instructors.confinement import refuse_processes
    assert refuse_processes()
    threading.Thread(target=print, args=["a thread"]).start()
    socket.socketpair()
    {attempt}
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)],
        env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True,
    )  # fmt: skip
    assert done.stdout == "a thread\n" and "Operation not permitted" in done.stderr, done.stderr


def test_the_filter_is_made_for_both_kinds_of_machines():
    for machine in ("x86_64", "aarch64"):
        program = filter_program(machine, 7)
        assert len(program) % 8 == 0 and len(program) // 8 < 256, "jumps reach 255 steps"
    assert callable(refuse_processes)


@pytest.mark.parametrize(
    "attempt",
    [
        "open(NOTEBOOK)",
        "import pathlib; pathlib.Path(NOTEBOOK).read_text()",
        "import os; os.rename(NOTEBOOK, 'mine')",
        "import os; os.remove(CLOSED + '/answers.txt')",
        "import os; os.listdir(CLOSED)",
        "open(CLOSED + '/answers.txt')",
        "import os; os.symlink(CLOSED + '/answers.txt', 'mine')",
        "import os; os.system('cat ' + NOTEBOOK)",
        "import sqlite3; sqlite3.connect('gradebook.db')",
        "import socket; socket.create_connection(('192.0.2.1', 80), timeout=1)",
    ],
)
def test_without_a_sandbox_the_books_are_closed_to_curiosity(attempt, tmp_path):
    (tmp_path / "closed").mkdir()
    (tmp_path / "closed/answers.txt").write_text("42")
    (tmp_path / "a.ipynb").write_text("{}")
    (tmp_path / "mine.txt").write_text("mine")
    code = f"""
    from course_utils.instructors.confinement import close_the_books
    NOTEBOOK, CLOSED = {str(tmp_path / "a.ipynb")!r}, {str(tmp_path / "closed")!r}
    close_the_books([CLOSED])
    assert open("mine.txt").read() == "mine"
    {attempt}
    """
    result = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)],
        cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True,
    )  # fmt: skip
    assert "PermissionError: a graded answer may not" in result.stderr, result.stderr


def test_without_a_sandbox_the_process_has_a_folder_of_its_own_that_is_removed():
    process = Process("none", LIMITS, [ROOT / "tests"], 60)
    process.channel.send(op="start")
    assert process.channel.receive()["op"] == "ready"
    folder = process._folder
    assert os.path.isdir(folder)
    process.stop()
    assert not os.path.exists(folder)
    process.stop()


def test_who_waits_for_a_process_that_another_thread_stops_is_told_so():
    process = Process("none", Limits(), [], 60)
    process.stop()
    with pytest.raises(Gone):
        process.channel.receive()
    with pytest.raises(Gone):
        process.channel.send(op="start")


@pytest.mark.parametrize("engine", ["podman", "docker"])
def test_the_command_of_a_container_shuts_everything(engine, monkeypatch):
    """The command as it is built; no container engine runs in these tests."""
    monkeypatch.setenv("COURSE_SANDBOX_IMAGE", "the-image")
    command = sandbox.COMMANDS[engine](LIMITS, ["-m", "something"], "a-name")
    line = " ".join(command)
    for part in (
        f"{engine} run --rm --interactive", "--network none", "--cap-drop all", "--read-only",
        "--security-opt no-new-privileges", "--memory 450000000", "--pids-limit", "--user 65534",
    ):  # fmt: skip
        assert part in line, part
    assert command[-4:] == ["python", "-s", "-m", "something"] and "the-image" in command
    volumes = [command[k + 1] for k, word in enumerate(command) if word == "--volume"]
    assert volumes and all(volume.endswith(":ro") for volume in volumes)
    assert not any(word in line for word in ("notebooks", "tests/", "examiner", "INSTRUCTORS"))


def test_the_sandbox_is_chosen_by_what_works(monkeypatch):
    tried = {"bubblewrap": "not permitted", "podman": "not installed", "docker": ""}
    tried["landlock"] = "not in this kernel"
    monkeypatch.setattr(sandbox, "_try_out", tried.get)
    choose.cache_clear()
    monkeypatch.delenv("COURSE_SANDBOX", raising=False)
    assert choose() == ("docker", "")
    tried["docker"] = "not installed"
    choose.cache_clear()
    kind, why = choose()
    assert kind == "none" and "bubblewrap: not permitted" in why
    choose.cache_clear()
    monkeypatch.setenv("COURSE_SANDBOX", "bubblewrap")
    with pytest.raises(OSError, match="bubblewrap: not permitted"):
        choose()
    monkeypatch.setenv("COURSE_SANDBOX", "prison")
    with pytest.raises(ValueError, match="prison"):
        choose()
    choose.cache_clear()


# ---------------------------------------------------------------- the warm sandbox of the proof


@pytest.fixture
def warm(monkeypatch):
    """A stock that has loaded a module, and answers in copies of it."""
    stock = sandbox.Stock(["fractions", "no_such_module"])
    monkeypatch.setattr(sandbox, "_stock", stock)
    answers = [Answers(sandbox.WARM, LIMITS, 3.0, []) for _ in range(2)]
    yield answers
    for each in answers:
        each.stop()
    stock._control.close()
    assert stock._process.wait(20) == 0, "it ends with who made it"


def printed(answers, code):
    outputs, reason = answers.run(textwrap.dedent(code), again=False)
    assert not reason
    return "".join(output.get("text", "") for output in outputs)


@bubblewrap
def test_a_warm_copy_has_loaded_what_it_should_and_shares_no_name(warm):
    one, two = warm
    assert "True" in printed(one, "import sys; print('fractions' in sys.modules); mine = 1")
    assert "NameError" in str(two.run("mine", again=False))
    two.stop()
    assert printed(two, "print(6 * 7)") == "42\n", "and another takes its place"
    assert printed(one, "print(mine)") == "1\n"
    assert one.seconds_used() > 0


@bubblewrap
def test_a_warm_copy_has_the_limits_of_any_process_of_answers(warm):
    code = """
    import os, socket
    for attempt in (os.fork, socket.socket, lambda: bytearray(10**9), lambda: open("/etc/passwd")):
        try:
            attempt()
        except Exception as error:
            print(type(error).__name__)
    """
    refused = printed(warm[0], code).split()
    assert refused == ["PermissionError", "PermissionError", "MemoryError", "FileNotFoundError"]


@bubblewrap
def test_a_warm_copy_that_ends_or_never_ends_is_noticed(warm):
    assert "Python ended" in warm[0].run("import os; os._exit(3)")[1]
    printed(warm[1], "pass")
    process = psutil.Process(warm[1]._process._process.pid)
    warm[1].stop()
    assert not process.is_running() or process.status() == psutil.STATUS_ZOMBIE


def test_nobody_is_graded_in_a_warm_sandbox_unless_it_is_asked_for(monkeypatch):
    assert sandbox.WARM not in sandbox.COMMANDS, "so it is never chosen by itself"
    monkeypatch.setenv("COURSE_SANDBOX", "warm")
    sandbox.choose.cache_clear()
    kind, why = sandbox.choose()
    sandbox.choose.cache_clear()
    assert kind == sandbox.WARM and "reach each other" in why
