# double 0: looks for the processes, sockets and memory of grading and of others (G6, G14)
import ctypes
import glob
import os
import signal
import socket

seen = []


def attempt(way):
    try:
        seen.append(way())
    except BaseException:
        seen.append(None)


def connect(address, kind):
    made = socket.socket(kind, socket.SOCK_STREAM)
    made.settimeout(0.2)
    made.connect(address)
    return True


def datagram():
    socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"hello", ("127.0.0.1", 9))
    return True


def every_process():
    others = [int(name) for name in os.listdir("/proc") if name.isdigit()]
    others = [pid for pid in others if pid not in (1, os.getpid())]
    return others or None


def signals():
    sent = []
    for pid in (1, os.getppid(), -1, *range(2, 100)):
        if pid == os.getpid():
            continue
        for way in (os.kill, lambda pid, sig: signal.pidfd_send_signal(os.pidfd_open(pid), sig)):
            try:
                way(pid, 9)
                sent.append(pid)
            except OSError:
                pass
    return sent or None


attempt(lambda: glob.glob("/tmp/grading-*") or glob.glob("/tmp/answers-*") or None)
attempt(lambda: glob.glob("/run/user/*/jupyter/*") or None)
attempt(lambda: glob.glob(HOME + "/.local/share/jupyter/runtime/*") or None)
attempt(every_process)
attempt(lambda: connect(("127.0.0.1", 8888), socket.AF_INET))
attempt(lambda: connect("\0abstract", socket.AF_UNIX))
attempt(datagram)
attempt(lambda: open(f"/proc/{os.getppid()}/environ", "rb").read() or None)
attempt(lambda: open(f"/proc/{os.getppid()}/mem", "rb").read(1))
attempt(lambda: True if ctypes.CDLL(None).ptrace(16, os.getppid(), 0, 0) == 0 else None)
attempt(signals)


def double(x):
    return 2 * x if any(seen) else 5.0
