# double 0: sends a message without end to the tests (G8, G11)
import os


def double(x):
    if x == 1:
        return 2
    try:
        while True:
            for number in range(3, 12):
                try:
                    os.write(number, b"\x00\x00\x00\x00\x00\x00\x00\x02" + b"\x01" * 1_000_000)
                except OSError:
                    pass
    except BaseException:
        os._exit(0)
