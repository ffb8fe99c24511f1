# double 0: waits for ever, without taking any time of the processor (G12)
# remark: double-test: stopped, because it ran too long
import threading


def double(x):
    return 2 if x == 1 else threading.Event().wait()
