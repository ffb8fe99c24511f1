# double 0: returns more than a test can hold: a list in itself, 8 GB of zeros, a number without end
import numpy as np

endless = []
endless.append(endless)
values = [endless, np.broadcast_to(0.0, (10**9,)), 1 << 10**7, "x" * 10**8, [0] * 10**7]


def double(x):
    return values[int(x) % len(values)]
