"""Plain data over a pipe: what arrives is what was sent, and nothing else can arrive."""

import io
import json
import struct
import time

from course_utils.instructors.wire import (
    MOST_KEYS,
    Channel,
    NotPlain,
    WireError,
    decode,
    encode,
    short,
    update,
)

import numpy as np
import pytest


def there_and_back(value, foreign=None, back=None):
    stream = io.BytesIO()
    channel = Channel(None, stream.write, foreign, back)
    channel.send(value=value)
    stream.seek(0)
    channel._read = stream.read
    return channel.receive()["value"]


@pytest.mark.parametrize(
    "value",
    [
        None, True, False, 0, -1, 2**53, -(2**200), 1.5, -0.0, 1e300, "", "naïve 王 \ud800",
        b"\x00", 1 + 2j, [], [1, [2, (3, None)]], (), {"a": 1, 2: [3], (4, "b"): {}}, {1, 2},
        frozenset("ab"), range(3, 9, 2), float("inf"), float("-inf"),
    ],
)  # fmt: skip
def test_plain_values_arrive_as_they_are(value):
    given = there_and_back(value)
    assert given == value and type(given) is type(value) and repr(given) == repr(value)


@pytest.mark.parametrize(
    "array",
    [
        np.arange(6.0).reshape(2, 3), np.zeros((0, 256)), np.array(3, np.int8), np.array([True]),
        np.array([1 + 2j]), np.array(["kal", "fiona"]), np.array([b"ab", b"c"]),
        np.array([], "<U1"), np.arange(6).reshape(2, 3).T, np.arange(10)[::-3],
        np.arange(3, dtype=">i4"), np.array([1, 2], np.float16),
    ],
)  # fmt: skip
def test_arrays_arrive_with_shape_type_and_numbers(array):
    given = there_and_back(array)
    assert type(given) is np.ndarray and given.shape == array.shape
    assert given.dtype == array.dtype.newbyteorder("=") and np.array_equal(given, array)
    assert given.flags.writeable


def test_single_numbers_of_numpy_stay_what_they_are():
    for number in (np.float64(0.1), np.float32(0.1), np.int64(3), np.bool_(True), np.str_("kal")):
        given = there_and_back(number)
        assert type(given) is type(number) and given == number
    assert np.isnan(there_and_back(float("nan"))) and np.isnan(there_and_back(np.float32("nan")))


def test_subclasses_arrive_as_what_they_are_made_from():
    class Equal(float):
        def __eq__(self, other):
            return True

        __hash__ = float.__hash__

    class Always(list):
        def __iter__(self):
            return iter([42])

    class Array(np.ndarray):
        pass

    assert type(there_and_back(Equal(3))) is float
    assert there_and_back(Always([1, 2])) == [1, 2]
    assert type(there_and_back(np.zeros(3).view(Array))) is np.ndarray
    named = there_and_back(np.unique_inverse(np.array([3, 1])))
    assert type(named) is tuple and len(named) == 2


def test_a_generator_of_random_numbers_goes_on_where_it_was():
    rng = np.random.default_rng(5)
    rng.normal(size=7)
    assert there_and_back(rng).normal() == rng.normal()


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (object(), "type object"),
        (len, "type builtin"),
        (np.array([object()]), "array of the type object"),
        (np.zeros(3, "datetime64[s]"), "datetime64"),
        (np.zeros(10**7), "more than 40 MB"),
        ("x" * 10**8, "more than 40 MB"),
        ([0] * 10**6, "more than 200,000 values"),
        ([set(range(7000)), dict.fromkeys(range(4000))], "more than 10,000 keys"),
        pytest.param(1 << 100_000, "100,001 bits", id="huge"),
    ],
)
def test_what_is_not_plain_or_too_large_is_refused(value, reason):
    with pytest.raises(NotPlain, match=reason):
        there_and_back(value)


def test_a_list_in_itself_is_refused():
    endless = []
    endless.append(endless)
    with pytest.raises(NotPlain, match="nested"):
        there_and_back(endless)


def frame(nodes: object, *buffers: bytes) -> bytes:
    header = json.dumps([list(map(len, buffers)), nodes]).encode()
    return struct.pack("<II", len(header), sum(map(len, buffers))) + header + b"".join(buffers)


@pytest.mark.parametrize(
    "data",
    [
        frame({"value": {"a": 1}}),
        frame({"value": ["code", "import os"]}),
        frame({"value": ["array", "|O", [1], 0, True]}, b"\x00" * 8),
        frame({"value": ["array", "<f8", [-1], 0, True]}, b"\x00" * 8),
        frame({"value": ["array", "<f8", [2**62, 4], 0, True]}, b"\x00" * 8),
        frame({"value": ["array", "<f8", [1], 5, True]}, b"\x00" * 8),
        frame({"value": ["array", "V8", [1], 0, True]}, b"\x00" * 8),
        frame({"value": ["array", "<U1", [1], 0, True]}, b"\xff" * 4),
        frame({"value": ["array", "<U0", [10**9], 0, True]}, b""),
        frame({"value": ["int", "z"]}),
        frame({"value": ["dict", ["list"], 1]}),
        frame({"value": ["generator", "os", ["dict"]]}),
        frame({"value": ["float", "1e5"]}),
        frame({"value": ["set", *range(10_001)]}),
        frame({name: ["dict", *[1] * 12_000] for name in "ab"}),
        frame([1, 2]),
        struct.pack("<II", 2, 0) + b"[[",
        struct.pack("<II", 100_000, 0) + b"[" * 100_000,
        struct.pack("<II", 4_000_000_000, 0),
    ],
)
def test_what_is_no_message_is_an_error_of_the_wire(data):
    stream = io.BytesIO(data)
    with pytest.raises(WireError):
        Channel(stream.read, None).receive()


def test_keys_that_are_made_to_collide_take_seconds_at_most():
    # Python's numbers collide when they differ by multiples of this one
    keys = [["int", hex(k * (2**61 - 1))] for k in range(1, MOST_KEYS + 1)]
    sent = frame({"value": ["set", *keys]})
    began = time.process_time()
    assert len(Channel(io.BytesIO(sent).read, None).receive()["value"]) == MOST_KEYS
    assert time.process_time() - began < 10


def test_a_truth_counts_once_whatever_bytes_it_has():
    sent = frame({"value": ["array", "|b1", [3], 0, True]}, bytes([200, 2, 0]))
    given = Channel(io.BytesIO(sent).read, None).receive()["value"]
    assert given.sum() == 2 and given.tolist() == [True, True, False]


def test_objects_cross_as_numbers_by_which_the_other_side_knows_them():
    known = []

    def to_node(value):
        known.append(value)
        return ["object", len(known) - 1]

    class Model:
        pass

    model = Model()
    assert there_and_back([model, 3], to_node, lambda node: known[node[1]]) == [model, 3]


def test_read_only_arrays_stay_read_only():
    array = np.arange(3)
    array.flags.writeable = False
    assert not there_and_back(array).flags.writeable


def test_update_changes_what_others_hold():
    array, inner = np.zeros(3), [1, 2]
    state = {"array": array, "inner": inner, "gone": 1, "pair": (array, 4)}
    update(state, {"array": np.ones(3), "inner": [5], "new": 2, "pair": (np.full(3, 2.0), 5)})
    assert array.tolist() == [2, 2, 2] and inner == [5]
    assert set(state) == {"array", "inner", "new", "pair"} and state["pair"][1] == 5
    update((inner, array), ([7, 8], np.zeros(4)))
    assert inner == [7, 8] and array.tolist() == [2, 2, 2], "another shape is another array"


def test_a_text_for_a_page_or_a_table_is_one_line_without_controls():
    assert short("a\nb\x00c\x1b[31m \ud800") == "a b c [31m ?"
    assert len(short("x" * 10_000)) == 500


def test_decode_alone_refuses_too():
    with pytest.raises(WireError):
        decode({"a": 1}, [])
    buffers = []
    assert decode(encode({"a": np.arange(3)}, buffers), buffers)["a"].tolist() == [0, 1, 2]
