# double 2: cells that nothing but the end of their process can stop (G12)
# remark: an added cell: stopped, because it ran too long
def double(x):
    return 2 * x


# %% added
import signal

signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 64))
while True:
    pass
# %% added
while True:
    try:
        while True:
            pass
    except BaseException:
        pass
# %% added
import time

while True:
    try:
        time.sleep(1000)
    except BaseException:
        pass
