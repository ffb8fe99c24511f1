# double 0: ends Python, crashes it, and calls itself without end
# remark: double-test: Python ended
import ctypes
import os
import sys


def deeper():
    return deeper()


def double(x):
    if x == 1:
        return 2
    try:
        sys.exit(0)
    except SystemExit:
        pass
    try:
        deeper()
    except RecursionError:
        pass
    ctypes.string_at(8)
    os._exit(0)
