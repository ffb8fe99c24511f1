"""What is silenced, for how long, and what still comes through."""

import os
import sys
import warnings

from course_utils.setup.quiet import quiet_stderr

import pytest


def shout():
    os.write(2, b"a line from C++\n")
    print("a line from Python", file=sys.stderr)
    warnings.warn("a warning", stacklevel=1)


def test_nothing_reaches_stderr(capfd):
    with warnings.catch_warnings(record=True) as caught, quiet_stderr():
        shout()
    assert capfd.readouterr().err == "" and not caught


def test_stdout_stays_as_it_is(capfd):
    with quiet_stderr():
        os.write(1, b"to be read\n")
    assert capfd.readouterr().out == "to be read\n"


@pytest.mark.parametrize("raises", [False, True])
def test_afterwards_everything_is_heard_again(capfd, raises):
    descriptors = len(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else 0
    try:
        with quiet_stderr():
            if raises:
                raise ValueError("what goes wrong inside still comes")
    except ValueError as error:
        assert raises and "still comes" in str(error)
    else:
        assert not raises
    with pytest.warns(UserWarning, match="a warning"):
        shout()
    assert capfd.readouterr().err == "a line from C++\na line from Python\n"
    if descriptors:
        assert len(os.listdir("/proc/self/fd")) == descriptors
