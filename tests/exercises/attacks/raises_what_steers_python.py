# double 0: raises what would end a loop or a process of the test (G8)
raised = [
    StopIteration,
    GeneratorExit,
    SystemExit,
    KeyboardInterrupt,
    StopAsyncIteration,
    MemoryError,
]


class TookTooLong(BaseException):
    pass


raised.append(TookTooLong)


def double(x):
    raise raised[int(x) % len(raised)]("total = 2.0")
