"""What the process of a student's answers gives up before it runs their first line.

It does so itself, so it holds in every sandbox and without one: memory, processor time and file
sizes are bounded; on Linux the kernel refuses it further programs and processes, signals to
others, and every socket (a seccomp filter). Where no sandbox can be made, Linux can still shut
all files but those that it needs (Landlock); elsewhere the files of grading are refused as far
as Python can do that. Nothing of this can be taken back. Standard library only.
"""

import ctypes
import os
import platform
import struct
import sys
from collections.abc import Sequence

__all__ = ["close_the_books", "limit_resources", "refuse_processes", "shut_files"]


def limit_resources(memory: int, file_size: int, seconds: int) -> None:
    """Let a runaway answer get an error, not the machine into trouble (POSIX only)."""
    try:
        import resource
    except ImportError:
        return
    most = {
        "RLIMIT_DATA": memory,
        "RLIMIT_AS": 3 * memory // 2 + 500_000_000,  # libraries reserve more than they use
        "RLIMIT_FSIZE": file_size,
        "RLIMIT_CPU": seconds,
        "RLIMIT_CORE": 0,
        "RLIMIT_NOFILE": 256,
    }
    for name, value in most.items():
        if hasattr(resource, name):
            hard = resource.getrlimit(getattr(resource, name))[1]
            value = value if hard == resource.RLIM_INFINITY else min(value, hard)
            resource.setrlimit(getattr(resource, name), (value, value))


# ---------------------------------------------------------------- processes, signals, network

# System calls by their numbers on (x86_64, aarch64); None where there is no such call
REFUSED_CALLS = {
    "fork": (57, None), "vfork": (58, None), "execve": (59, 221), "execveat": (322, 281),
    "ptrace": (101, 117), "process_vm_readv": (310, 270), "process_vm_writev": (311, 271),
    "unshare": (272, 97), "setns": (308, 268), "mount": (165, 40), "umount2": (166, 39),
    "pivot_root": (155, 41), "chroot": (161, 51), "move_mount": (429, 429), "fsopen": (430, 430),
    "bpf": (321, 280), "userfaultfd": (323, 282), "perf_event_open": (298, 241),
    "io_uring_setup": (425, 425), "io_uring_enter": (426, 426), "io_uring_register": (427, 427),
    "keyctl": (250, 219), "add_key": (248, 217), "request_key": (249, 218),
    "kill": (62, 129), "tkill": (200, 130), "rt_sigqueueinfo": (129, 138),
    "rt_tgsigqueueinfo": (297, 240), "pidfd_open": (434, 434), "pidfd_send_signal": (424, 424),
    "pidfd_getfd": (438, 438), "setsid": (112, 157), "open_by_handle_at": (304, 265),
    "init_module": (175, 105), "finit_module": (313, 273), "kexec_load": (246, 104),
    "socket": (41, 198), "shmget": (29, 194), "msgget": (68, 186), "mq_open": (240, 180),
}  # fmt: skip
CLONE, CLONE3 = (56, 220), (435, 435)
TGKILL, PRLIMIT = (234, 131), (302, 261)
SECCOMP = (317, 277)
ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
LOAD, EQUAL, AT_LEAST, ANY_BIT, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
ALLOW, NOT_PERMITTED, NOT_KNOWN = 0x7FFF0000, 0x00050001, 0x00050026
CLONE_THREAD = 0x10000


def filter_program(machine: str, pid: int) -> bytes:
    """Return the filter as the kernel reads it: instructions of 8 bytes."""
    column = list(ARCHITECTURES).index(machine)

    def step(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
        return struct.pack("=HBBI", code, if_true, if_false, value)

    def only_if(number: int, code: int, value: int) -> list[bytes]:
        """Allow a call only if its first argument compares so."""
        return [
            step(EQUAL, number, 0, 4),
            step(LOAD, 16),
            step(code, value, 0, 1),
            step(RETURN, ALLOW),
            step(RETURN, NOT_PERMITTED),
        ]

    refuse = step(RETURN, NOT_PERMITTED)
    program = [step(LOAD, 4), step(EQUAL, ARCHITECTURES[machine], 1, 0), refuse]
    program += [step(LOAD, 0), step(AT_LEAST, 0x40000000, 0, 1), refuse]  # calls of another kind
    for numbers in REFUSED_CALLS.values():
        number = numbers[column]
        if number is not None:
            program += [step(EQUAL, number, 0, 1), refuse]
    program += [step(EQUAL, CLONE3[column], 0, 1), step(RETURN, NOT_KNOWN)]  # then clone is tried
    program += only_if(CLONE[column], ANY_BIT, CLONE_THREAD)
    program += only_if(TGKILL[column], EQUAL, pid)
    program += only_if(PRLIMIT[column], EQUAL, 0)
    return b"".join([*program, step(RETURN, ALLOW)])


def refuse_processes() -> bool:
    """Refuse programs, processes, signals to others and the network, for good (Linux).

    Return whether the kernel does so: not on another system, nor on a machine of another kind.
    """
    machine = platform.machine()
    if sys.platform != "linux" or machine not in ARCHITECTURES:
        return False

    class Program(ctypes.Structure):
        _fields_ = [("length", ctypes.c_ushort), ("steps", ctypes.c_char_p)]

    libc, steps = ctypes.CDLL(None, use_errno=True), filter_program(machine, os.getpid())
    program = Program(len(steps) // 8, steps)
    no_new_privileges, set_mode_filter, all_threads = 38, 1, 1
    die_with_parent, kill = 1, 9
    libc.prctl(die_with_parent, kill, 0, 0, 0)
    if libc.prctl(no_new_privileges, 1, 0, 0, 0) != 0:
        return False
    number = SECCOMP[list(ARCHITECTURES).index(machine)]
    return libc.syscall(number, set_mode_filter, all_threads, ctypes.byref(program)) == 0


# ---------------------------------------------------------------- files, without a sandbox

# Landlock (Linux 5.13): rights of its interface, by their bits
EXECUTE, WRITE_FILE, READ_FILE, READ_DIR = 1, 2, 4, 8
ALL_RIGHTS = {1: 13, 2: 14, 3: 15, 4: 15}  # how many there are, by version; 16 from 5 on
OF_FILES = EXECUTE | WRITE_FILE | READ_FILE | 1 << 14 | 1 << 15  # the others are of folders
CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446  # on every machine


def shut_files(readable: Sequence[str], listed: Sequence[str], writable: Sequence[str]) -> bool:
    """Let this process reach no file but these, for good (Linux with Landlock).

    Return whether the kernel does so. It also shuts the memory of other processes.

    Parameters
    ----------
    readable : files and folders
    listed : folders of which it may know the names of files
    writable : folders, with all that is in them
    """
    if sys.platform != "linux":
        return False
    libc = ctypes.CDLL(None, use_errno=True)
    version = libc.syscall(CREATE_RULESET, None, 0, 1)
    if version < 1:
        return False
    everything = (1 << ALL_RIGHTS.get(version, 16)) - 1
    rules = libc.syscall(CREATE_RULESET, struct.pack("=Q", everything), 8, 0)
    for paths, rights in (
        (readable, EXECUTE | READ_FILE | READ_DIR),
        (listed, READ_DIR),
        (writable, everything),
    ):
        for path in filter(os.path.exists, paths):
            handle = os.open(path, os.O_PATH | os.O_CLOEXEC)
            allowed = rights & everything & (~0 if os.path.isdir(path) else OF_FILES)
            libc.syscall(ADD_RULE, rules, 1, struct.pack("=Qi", allowed, handle), 0)
            os.close(handle)
    no_new_privileges = 38
    shut = libc.prctl(no_new_privileges, 1, 0, 0, 0) == 0
    shut = shut and libc.syscall(RESTRICT_SELF, rules, 0) == 0
    os.close(rules)
    return shut


REFUSED_EVENTS = (  # audit events of Python that no answer needs
    "os.system", "os.exec", "os.posix_spawn", "os.fork", "os.forkpty", "os.kill", "os.killpg",
    "os.chdir", "pty.spawn", "subprocess.Popen", "signal.pthread_kill", "sqlite3.connect",
    "socket.connect", "socket.sendto", "socket.sendmsg", "socket.bind",
)  # fmt: skip
ON_FILES = (
    "open", "os.remove", "os.rename", "os.link", "os.symlink", "os.truncate", "os.rmdir",
    "os.listdir", "os.scandir", "os.chmod", "os.chown", "shutil.rmtree",
)  # fmt: skip


def close_the_books(folders: Sequence[str]) -> None:
    """Refuse at least what curiosity tries: an audit hook of Python, which cannot be taken back.

    No notebook and no database is opened, nothing in `folders`, no other machine is reached.
    Somebody who knows Python well gets around it: only the sandbox keeps the solutions, other
    people's files and the network away (INSTRUCTORS.md).
    """
    closed = tuple(os.path.realpath(folder) for folder in folders)
    realpath, fspath, separator = os.path.realpath, os.fspath, os.sep

    def refuse(event: str, arguments: tuple) -> None:
        if event in REFUSED_EVENTS:
            raise PermissionError(f"a graded answer may not use {event}")
        if event in ON_FILES:
            for argument in arguments[:2]:
                if not isinstance(argument, (str, bytes, os.PathLike)):
                    continue
                path = realpath(os.fsdecode(fspath(argument)))
                inside = any(path == top or path.startswith(top + separator) for top in closed)
                if inside or path.endswith((".ipynb", ".db")):
                    raise PermissionError("a graded answer may not look at the files of grading")

    sys.addaudithook(refuse)
