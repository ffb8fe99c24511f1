"""Plain data over a pipe: how a test speaks with an answer, and neither can be more than data.

What crosses is copied, never pickled: a header in JSON, and the bytes of arrays. Numbers, text,
lists, tuples, dicts, sets and NumPy arrays of numbers or text arrive as exactly these types,
whatever the other side sends. Everything has a largest size and a largest depth.

A function or object that is no plain data crosses as a number by which the other side can name
it; `proxies` (the tests' side) and `answers` (the student's) say what that is good for.
Standard library and NumPy only: it runs inside the sandbox too.
"""

import json
import math
import struct
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

__all__ = [
    "Channel", "FromNode", "NotPlain", "ToNode", "WireError", "decode", "encode", "short", "update",
]  # fmt: skip

LARGEST_MESSAGE = 40_000_000  # bytes
LARGEST_HEADER = 8_000_000  # of which outside of arrays: as Python's objects they take much more
MOST_VALUES = 200_000  # numbers, texts and containers outside of arrays
MOST_KEYS = 10_000  # of dicts and sets: keys made to collide take the square of their number
DEEPEST = 24  # lists in lists
LONGEST_INT = 10_000  # bits
MOST_DIMENSIONS = 16
DTYPES = frozenset(
    ["|b1", "|i1", "|u1"]
    + [f"<{kind}{size}" for kind in "iu" for size in (2, 4, 8)]
    + ["<f2", "<f4", "<f8", "<c8", "<c16"]
)
GENERATORS = ("PCG64", "PCG64DXSM", "MT19937", "Philox", "SFC64")
TOO_LARGE = f"more than {LARGEST_MESSAGE // 1_000_000} MB in one call"
FRAME = struct.Struct("<II")  # bytes of the header, bytes of the arrays

ToNode = Callable[[object], list]  # names a value that is no plain data
FromNode = Callable[[list], object]  # finds it by that name
Buffer = bytes | memoryview


class WireError(ValueError):
    """The other side sent what is no message."""


class NotPlain(TypeError):
    """A value cannot cross; the message says which, and what can."""


def short(value: object, most: int = 500) -> str:
    """Return a text that can be shown: one line at most `most` long, without control characters."""
    text = str(value)[: 4 * most].encode("utf-8", "replace").decode("utf-8")
    text = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return text if len(text) <= most else text[: most - 1] + "…"


# ---------------------------------------------------------------- values


def encode(value: object, buffers: list[Buffer], foreign: ToNode | None = None) -> object:
    """Turn plain data into what JSON can hold; the bytes of arrays are added to `buffers`.

    `foreign` is asked for a list that names what is no plain data.

    Raises
    ------
    NotPlain : it cannot be sent, or is too large
    """
    return _Encoder(buffers, foreign).node(value, 0)


class _Encoder:
    def __init__(self, buffers: list[Buffer], foreign: ToNode | None):
        self.buffers, self.foreign = buffers, foreign
        self.values, self.keys, self.bytes = 0, 0, sum(map(len, buffers))

    def node(self, value: object, depth: int) -> object:
        self.values += 1
        if self.values > MOST_VALUES:
            raise NotPlain(f"more than {MOST_VALUES:,} values outside of arrays")
        if depth > DEEPEST:
            raise NotPlain(f"lists nested more than {DEEPEST} deep")
        if value is None or value is True or value is False:
            return value
        if isinstance(value, np.generic) and not isinstance(value, np.object_):
            return ["scalar", *self.array(np.asarray(value))[1:4:2]]
        if isinstance(value, str):
            self.grow(len(value))
            return str.__str__(value)
        if isinstance(value, int):
            value = int(value)
            if value.bit_length() > LONGEST_INT:
                raise NotPlain(f"a whole number of {value.bit_length():,} bits")
            return value if -(2**53) < value < 2**53 else ["int", hex(value)]
        if isinstance(value, float):
            value = float(value)
            return value if value - value == 0 else ["float", repr(value)]
        if isinstance(value, complex):
            return ["complex", *(self.node(x, depth + 1) for x in (value.real, value.imag))]
        if isinstance(value, (bytes, bytearray)):
            return ["bytes", self.buffer(bytes(value))]
        if isinstance(value, np.ndarray):
            return self.array(value)
        if isinstance(value, (set, frozenset, dict)):
            self.keys += len(value)
            if self.keys > MOST_KEYS:
                raise NotPlain(f"dicts and sets of more than {MOST_KEYS:,} keys")
        if isinstance(value, (list, tuple, set, frozenset)):
            kind: Any = next(k for k in (list, tuple, set, frozenset) if isinstance(value, k))
            return [kind.__name__, *(self.node(item, depth + 1) for item in kind.__iter__(value))]
        if isinstance(value, range):
            return ["range", *(self.node(n, depth) for n in (value.start, value.stop, value.step))]
        if isinstance(value, dict):
            items = [self.node(x, depth + 1) for pair in dict.items(value) for x in pair]
            return ["dict", *items]
        if isinstance(value, np.random.Generator):
            name = type(value.bit_generator).__name__
            if name in GENERATORS:
                return ["generator", name, self.node(value.bit_generator.state, depth + 1)]
        if self.foreign is not None:
            return self.foreign(value)
        raise NotPlain(f"a value of the type {type(value).__name__}")

    def array(self, array: np.ndarray) -> list:
        dtype = array.dtype.newbyteorder("=").str.replace("=", "<").replace(">", "<")
        if dtype not in DTYPES and dtype[:2] not in ("<U", "|S"):
            raise NotPlain(f"an array of the type {array.dtype}")
        if array.ndim > MOST_DIMENSIONS:
            raise NotPlain(f"an array of {array.ndim} dimensions")
        self.grow(array.nbytes, count=False)
        data = np.asarray(array).astype(dtype, copy=False).tobytes()
        return ["array", dtype, list(array.shape), self.buffer(data), array.flags.writeable]

    def buffer(self, data: bytes) -> int:
        self.grow(len(data))
        self.buffers.append(data)
        return len(self.buffers) - 1

    def grow(self, size: int, count: bool = True) -> None:
        if self.bytes + size > LARGEST_MESSAGE - LARGEST_HEADER:
            raise NotPlain(TOO_LARGE)
        self.bytes += size if count else 0


def decode(node: object, buffers: list[Buffer], foreign: FromNode | None = None) -> object:
    """Rebuild what `encode` made, as exactly the types that it knows.

    Raises
    ------
    WireError : it is something else
    """
    return _Decoder(buffers, foreign).value(node)


class _Decoder:
    def __init__(self, buffers: list[Buffer], foreign: FromNode | None):
        self.buffers, self.foreign, self.keys = buffers, foreign, 0

    def value(self, node: object) -> object:
        try:
            return self.decode(node, 0)
        except (ValueError, TypeError, LookupError, OverflowError, RecursionError) as error:
            raise WireError(f"no plain data: {short(error, 100)}") from None

    def decode(self, node: Any, depth: int) -> Any:
        if node is None or isinstance(node, (bool, int, float, str)):
            return node
        if not isinstance(node, list) or depth > DEEPEST + 2:
            raise WireError("a dict, or too deep")
        kind, *rest = node
        if kind == "array":
            dtype, shape, number, writeable = rest
            array = _array(dtype, shape, self.buffers[number])
            array.flags.writeable = writeable is True
            return array
        if kind == "scalar":
            dtype, number = rest
            return _array(dtype, [], self.buffers[number])[()]
        if kind == "int":
            return int(rest[0][: LONGEST_INT // 4 + 3], 16)
        if kind == "float":
            return {"nan": float("nan"), "inf": float("inf"), "-inf": float("-inf")}[rest[0]]
        if kind == "bytes":
            return bytes(self.buffers[rest[0]])
        if kind in ("list", "tuple", "set", "frozenset", "dict", "range", "complex", "generator"):
            return self.container(kind, [self.decode(item, depth + 1) for item in rest])
        if self.foreign is None:
            raise WireError(f"an unknown kind of value, {short(kind, 20)}")
        return self.foreign(node)

    def container(self, kind: str, values: list) -> Any:
        if kind in ("set", "frozenset", "dict"):
            self.keys += len(values) // 2 if kind == "dict" else len(values)
            if self.keys > MOST_KEYS:
                raise WireError(f"more than {MOST_KEYS:,} keys")
        if kind == "dict":
            return dict(zip(values[::2], values[1::2], strict=True))
        if kind == "range":
            return range(*values)
        if kind == "complex":
            return complex(*values)
        if kind == "generator":
            return _generator(*values)
        containers: dict[str, Any] = {"list": list, "tuple": tuple, "set": set}
        return containers.get(kind, frozenset)(values)


def _array(dtype: str, shape: list[int], data: Buffer) -> np.ndarray:
    text = dtype[:2] in ("<U", "|S") and dtype[2:].isdigit()
    if dtype not in DTYPES and not text:
        raise WireError(f"an array of the type {short(dtype, 20)}")
    if len(shape) > MOST_DIMENSIONS or not all(type(n) is int and n >= 0 for n in shape):
        raise WireError("an impossible shape")
    if dtype[:2] == "<U":  # NumPy believes every 32 bits to be a character
        codes = np.frombuffer(data, "<u4")
        if len(codes) and codes.max() > 0x10FFFF:
            raise WireError("no text")
    if text and int(dtype[2:]) == 0:
        if math.prod(shape) > MOST_VALUES:
            raise WireError("too many texts")
        return np.zeros(shape, dtype)
    if dtype == "|b1":  # a byte that is neither 0 nor 1 would make a truth that counts twice
        return (np.frombuffer(data, "u1") != 0).reshape(shape)
    return np.frombuffer(data, dtype).reshape(shape).copy()


def _generator(name: str, state: dict) -> np.random.Generator:
    if name not in GENERATORS:
        raise WireError("an unknown random generator")
    made = getattr(np.random, name)(0)
    made.state = state
    return np.random.Generator(made)


def update(old: object, new: object) -> None:
    """Let `old`, a list, dict, set, array or generator, have the contents of `new`, in place.

    So a function that changes its argument in another process changes it here.
    """
    if isinstance(old, np.ndarray) and isinstance(new, np.ndarray):
        if old.shape == new.shape and old.flags.writeable:
            old[...] = new
    elif isinstance(old, list) and isinstance(new, list):
        old[:] = [_merged(*pair) for pair in zip(old, new)] + new[len(old) :]
    elif isinstance(old, dict) and isinstance(new, dict):
        for key in [key for key in old if key not in new]:
            del old[key]
        for key, value in new.items():
            old[key] = _merged(old[key], value) if key in old else value
    elif isinstance(old, set) and isinstance(new, set):
        old.clear()
        old |= new
    elif isinstance(old, tuple) and isinstance(new, tuple):
        for pair in zip(old, new):
            update(*pair)
    elif isinstance(old, np.random.Generator) and isinstance(new, np.random.Generator):
        if type(old.bit_generator) is type(new.bit_generator):
            old.bit_generator.state = new.bit_generator.state


def _merged(old: Any, new: Any) -> Any:
    """Return `old` with the contents of `new` where it can have them, else `new`."""
    same = type(old) is type(new)
    if isinstance(old, np.ndarray) and same:
        same = old.shape == new.shape and old.dtype == new.dtype and old.flags.writeable
    if same and isinstance(old, (list, dict, set, np.ndarray, np.random.Generator)):
        update(old, new)
        return old
    if same and isinstance(old, tuple) and len(old) == len(new):
        return tuple(map(_merged, old, new))
    return new


# ---------------------------------------------------------------- messages


class Channel:
    """Messages between two processes: a dict of plain values, one frame each.

    Parameters
    ----------
    read : returns exactly so many bytes, or raises EOFError
    write : writes all of the bytes
    """

    def __init__(
        self,
        read: Callable[[int], bytes],
        write: Callable[[bytes], None],
        to_node: ToNode | None = None,
        from_node: FromNode | None = None,
    ):
        self._read, self._write = read, write
        self._to_node, self._from_node = to_node, from_node

    def pack(self, message: Mapping[str, object]) -> bytes:
        """Return a message as the bytes of its frame; raises NotPlain."""
        buffers: list[Buffer] = []
        encoder = _Encoder(buffers, self._to_node)
        nodes = {key: encoder.node(value, 0) for key, value in message.items()}
        header = json.dumps([list(map(len, buffers)), nodes], allow_nan=False).encode("ascii")
        body = b"".join(buffers)
        if len(header) > LARGEST_HEADER or len(header) + len(body) > LARGEST_MESSAGE:
            raise NotPlain(TOO_LARGE)
        return FRAME.pack(len(header), len(body)) + header + body

    def send(self, **message: object) -> None:
        """Send a message; raises NotPlain before anything is sent."""
        self._write(self.pack(message))

    def receive(self) -> dict[str, Any]:
        """Wait for a message; raises WireError, EOFError."""
        return self.unpack(self.receive_frame())

    def receive_frame(self) -> bytes:
        """Wait for the bytes of a message."""
        lengths = self._read(FRAME.size)
        header, body = FRAME.unpack(lengths)
        if header > LARGEST_HEADER or header + body > LARGEST_MESSAGE:
            raise WireError("a message that is too large")
        return lengths + self._read(header + body)

    def unpack(self, frame: bytes) -> dict[str, Any]:
        """Return the message of a frame."""
        header, _ = FRAME.unpack_from(frame)
        start, view = FRAME.size + header, memoryview(frame)
        buffers: list[Buffer] = []
        try:
            sizes, nodes = json.loads(frame[FRAME.size : start])
            if len(sizes) > MOST_VALUES or not all(type(n) is int and n >= 0 for n in sizes):
                raise WireError("impossible sizes")
            for size in sizes:
                buffers.append(view[start : start + size])
                start += size
            if start != len(frame) or not isinstance(nodes, dict):
                raise WireError("sizes that do not fit")
        except (ValueError, TypeError, RecursionError) as error:
            raise WireError(f"no message: {short(error, 100)}") from None
        decoder = _Decoder(buffers, self._from_node)  # one for the message: it counts the keys
        return {key: decoder.value(node) for key, node in nodes.items()}
