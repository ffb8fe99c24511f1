# double 0: writes to every open file, among them the pipe to the tests (G8)
# remark: double-test: stopped, because it disturbed the program that runs it
import os


def double(x):
    if x == 1:
        return 2
    for number in range(1, 30):
        try:
            os.write(number, b"\xff" * 100)
        except OSError:
            pass
    return 5.0
