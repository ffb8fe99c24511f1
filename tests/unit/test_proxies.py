"""Answers that run in a process of their own, and what a test sees of them."""

import copy
import pickle
import threading
import time

from course_utils.instructors.examination import Marks, TookTooLong, watched
from course_utils.instructors.proxies import AnswerError, Answers, Remote
from course_utils.instructors.sandbox import Limits

import numpy as np
import pytest

pytestmark = pytest.mark.slow
LIMITS = Limits(cell_seconds=3, again_seconds=1, submission_seconds=300)
NOTEBOOK = """
import numpy as np

def same(x):
    return x

def numbers(n):
    return np.arange(n)

def spoil(values, store):
    values[0] = 99
    store["new"] = [1]
    return None

def ask(function, *values):
    return function(*values)

def slope(loss, weights):
    before = loss()
    weights["w"][...] += 1
    return loss() - before

class Model:
    scale = 3
    def __init__(self, start): self.total = start
    def add(self, x):
        self.total += x
        return self.total
    def __eq__(self, other): return True

def learn(clips): return Model(len(clips))
def recognise(model, x): return model.add(x)
def lazy(): return (x for x in [1, 2])
def fails(kind, text): raise kind_of[kind](text)
class Own(ValueError): pass
kind_of = {"own": Own, "stop": StopIteration, "exit": SystemExit, "none": NotImplementedError,
           "key": KeyError, "time": TimeoutError, "base": BaseException}
def endless():
    while True: pass
def stubborn():
    while True:
        try:
            import signal
            signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 64))
            while True: pass
        except BaseException: pass
def leave():
    import os; os._exit(3)
found = {"whistle": 1450, "sound": np.ones(3)}
"""


@pytest.fixture(scope="module")
def answers():
    made = Answers("none", LIMITS, 1.0, [])
    outputs, reason = made.run(NOTEBOOK)
    assert (outputs, reason) == ([], "")
    yield made
    made.stop()


@pytest.fixture
def ask(answers):
    answers.begin_test()
    return lambda name: Remote(answers, name)


def test_plain_data_goes_in_and_comes_back(ask):
    for value in (3, 0.5, "kal", [1, (2, None)], {"a": np.arange(3)}, {1, 2}):
        given = ask("same")(value)
        assert type(given) is type(value) and repr(given) == repr(value)
    assert ask("numbers")(n=4).tolist() == [0, 1, 2, 3]


def test_an_answer_gets_copies_unless_the_test_watches(ask):
    values, store = np.zeros(3), {"old": 1}
    ask("spoil")(values, store)
    assert values[0] == 0 and store == {"old": 1}
    watched(ask("spoil"))(values, store)
    assert values[0] == 99 and store == {"old": 1, "new": [1]}
    assert watched(len) is len, "together with its answers, a test sees everything"


def test_an_answer_calls_a_function_of_the_test(ask):
    assert ask("ask")(lambda a, b: a + b, 2, 3) == 5
    with pytest.raises(RuntimeError, match="ZeroDivisionError"):
        ask("ask")(lambda: 1 / 0)
    assert ask("ask")(ask("same"), 4) == 4, "a function of the answers stays there"

    def nested(x):
        return ask("same")(x) + 1

    assert ask("ask")(nested, 1) == 2


def test_a_loss_sees_the_weights_that_a_watched_answer_moves(ask):
    weights = {"w": np.zeros(2)}
    change = watched(ask("slope"))(lambda: float(weights["w"].sum()), weights)
    assert change == 2 and weights["w"].tolist() == [1, 1]


def test_an_object_stays_where_it_is_and_can_be_passed_on(ask):
    model = ask("learn")([1, 2])
    assert ask("recognise")(model, 3) == 5 and model.add(1) == 6 and model.total == 6
    other = copy.deepcopy(model)
    assert other.add(1) == 7 and model.total == 6
    assert ask("Model")(7).add(1) == 8, "a class of the student's"
    with pytest.raises(AttributeError):
        model.unknown  # noqa: B018


@pytest.mark.parametrize(
    "use",
    [
        lambda it: it + 1, lambda it: 1 + it, lambda it: it == 3, lambda it: it != 3,
        lambda it: abs(it), lambda it: np.asarray(it), lambda it: np.allclose(it, 1),
        lambda it: np.shape(it), lambda it: list(it), lambda it: it[0], lambda it: len(it),
        lambda it: float(it), lambda it: bool(it), lambda it: 3 in it, lambda it: {it},
        lambda it: pickle.dumps(it), lambda it: it < 3, lambda it: np.float64(2) * it,
    ],
)  # fmt: skip
def test_an_object_used_as_data_says_what_to_return(use, ask):
    with pytest.raises(AnswerError, match="learn returned a Model: return numbers, text"):
        use(ask("learn")([]))


def test_a_generator_is_told(ask):
    with pytest.raises(AnswerError, match="lazy returned a generator: return"):
        list(ask("lazy")())


@pytest.mark.parametrize(
    ("kind", "base", "name"),
    [
        ("own", ValueError, "Own"),
        ("none", NotImplementedError, "NotImplementedError"),
        ("key", KeyError, "KeyError"),
        ("stop", RuntimeError, "StopIteration"),
        ("exit", RuntimeError, "SystemExit"),
        ("base", RuntimeError, "BaseException"),
        ("time", OSError, "TimeoutError"),
    ],
)
def test_errors_arrive_as_trusted_ones(kind, base, name, ask):
    with pytest.raises(base) as caught:
        ask("fails")(kind, "what\nwent \x1b wrong")
    assert type(caught.value).__name__ == name and "what" in str(caught.value)
    assert str(caught.value).isprintable()
    assert not isinstance(caught.value, StopIteration)


def test_variables_are_fetched_by_name(answers, ask):
    given = answers.get(ask("found"))
    assert given["whistle"] == 1450 and given["sound"].sum() == 3
    with pytest.raises(NameError):
        answers.get(ask("missing"))
    with pytest.raises(NameError, match="name 'missing' is not defined"):
        ask("missing")(1)


def test_names_of_the_answers_never_meet_the_tests(answers):
    answers.run("sum = 0; abs = print; np = None; numbers = lambda n: [n]")
    assert sum([1, 2]) == 3 and np.arange(2).sum() == 1
    answers.begin_test()
    assert Remote(answers, "numbers")(3) == [3], "the last definition counts"


def test_an_endless_loop_is_stopped_and_the_process_goes_on(answers, ask):
    started = answers.processes
    with pytest.raises(TookTooLong):
        ask("endless")()
    assert ask("same")(1) == 1 and answers.processes == started


def test_what_cannot_be_stopped_is_ended_and_all_cells_run_again(answers, ask):
    started = answers.processes
    with pytest.raises(TookTooLong):
        ask("stubborn")()
    with pytest.raises(AnswerError, match="not tried"):
        ask("same")(1)
    answers.begin_test()
    assert ask("same")(1) == 1 and answers.processes == started + 1


def test_an_answer_that_ends_python_loses_only_its_test(answers, ask, capsys):
    marks = Marks()
    with marks.part(1, "before"):
        assert ask("same")(2) == 2
    with marks.part(1, "leaves"):
        ask("leave")()
    with marks.part(1, "after"):
        ask("same")(2)
    assert marks.total == 1
    told = capsys.readouterr().out.splitlines()
    assert told[1].endswith("Python ended: does the answer end it, or crash it?")
    assert "not tried" in told[2]
    answers.begin_test()
    assert ask("same")(2) == 2


def test_an_object_of_a_lost_process_is_said_to_be_lost(answers, ask):
    model = ask("learn")([])
    answers.stop()
    with pytest.raises(AnswerError, match="lost"):
        model.add(1)


def shown(answers, source):
    outputs, reason = answers.run(source, again=False)
    return [output.get("text") or output.get("data") for output in outputs], reason


def test_a_cell_shows_what_it_shows_in_a_notebook():
    answers = Answers("none", Limits(), 5.0, [])
    assert shown(answers, "print('a'); print('b'); 3") == (["a\nb\n", {"text/plain": "3"}], "")
    (told,), _ = shown(answers, "1 / 0")
    assert told == "division by zero"
    outputs, _ = answers.run("import matplotlib.pyplot as plt\n_ = plt.plot([1, 2])", again=False)
    assert outputs[-1]["data"]["image/png"].startswith("iVBOR")
    assert shown(answers, "%pip install nothing\nx = 5")[0] == [
        "Not run while grading: pip install nothing\n"
    ]
    assert shown(answers, "!ls\nx")[0] == ["Not run while grading: ls\n", {"text/plain": "5"}]
    assert "nobody to ask" in shown(answers, "input('Name?')")[0][0]
    assert shown(answers, "import asyncio\nawait asyncio.sleep(0)\n1")[0] == [{"text/plain": "1"}]
    answers.stop()


def test_prints_are_bounded(answers):
    (text,), _ = shown(answers, "for _ in range(300): print('x' * 10_000)")
    assert len(text) < 101_000 and text.endswith("(what follows is not kept)\n")


def test_a_cell_that_never_ends_is_stopped(answers):
    started = time.monotonic()
    assert "too long" in answers.run("while True: pass", again=False)[1]
    assert time.monotonic() - started < 10


def test_other_threads_of_an_answer_are_in_nobodys_way(answers, ask):
    answers.run("import threading\nthreading.Thread(target=endless, daemon=True).start()")
    assert ask("same")(3) == 3
    assert threading.active_count() < 20
    answers.stop()


def test_cells_are_not_run_again_when_the_time_is_over():
    made = Answers("none", LIMITS, 1.0, [])
    try:
        for k in range(3):
            assert made.run(f"f = lambda: {k}")[1] == ""
        made.stop()
        made.ends = time.monotonic() + 0.1  # over when the new process is there
        made._done = ["while True: pass"] * 3
        made.begin_test()
        with pytest.raises(TookTooLong):
            Remote(made, "f")()
        assert made.processes == 2, "and no further process for each of the cells"
    finally:
        made.stop()


def test_nothing_runs_when_the_time_is_over():
    answers = Answers("none", Limits(submission_seconds=0), 1.0, [])
    assert answers.run("1")[1].startswith("not run")
    with pytest.raises(AnswerError, match="time"):
        Remote(answers, "same")(1)
    assert answers.processes == 0
