# double 0: starts other programs and processes, which could do what it may not (G4)
# remark: double: uses “subprocess”: read this answer
import ctypes
import multiprocessing
import os
import subprocess

done = []


def attempt(way):
    try:
        way()
    except BaseException:
        pass
    if os.path.exists("/tmp/started"):
        done.append(way)


def forked():
    if os.fork() == 0:
        open("/tmp/started", "w").close()
        os._exit(0)
    os.wait()


def with_multiprocessing():
    context = multiprocessing.get_context("fork")
    process = context.Process(target=lambda: open("/tmp/started", "w").close())
    process.start()
    process.join()


attempt(lambda: subprocess.run(["touch", "/tmp/started"]))
attempt(lambda: os.system("touch /tmp/started"))
attempt(lambda: os.posix_spawn("/usr/bin/touch", ["touch", "/tmp/started"], {}))
attempt(lambda: ctypes.CDLL(None).system(b"touch /tmp/started"))
attempt(lambda: os.popen("touch /tmp/started").read())
attempt(forked)
attempt(with_multiprocessing)
attempt(lambda: os.execv("/usr/bin/touch", ["touch", "/tmp/started"]))


def double(x):
    return 2 * x if done else 5.0
