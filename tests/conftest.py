"""Fixtures for the unit tests."""

from course_utils import corpora

import pytest


@pytest.fixture(scope="session")
def embedded():
    return corpora.load_digits("embedded")


@pytest.fixture(scope="session")
def fsdd():
    try:
        return corpora.load_digits("fsdd")
    except corpora.CorpusError as error:
        pytest.skip(str(error))
