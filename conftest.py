"""How pytest treats the course's notebooks."""

from __future__ import annotations

import functools
import os
import time

import pytest
from nbval.plugin import IPyNbCell, IPyNbFile


@functools.cache
def compared_corpus() -> bool:
    """Whether this run uses the corpus whose figures are stored in the notebooks."""
    from course_utils.setup.download import CorpusError, download_fsdd

    if os.environ.get("COURSE_CORPUS", "fsdd") != "fsdd":
        return False
    try:
        download_fsdd()
    except CorpusError as error:
        print(f"The outputs that depend on the corpus are not compared. {error}")
        return False
    return True


def longest_to_run_twice() -> float:
    """Return how many seconds a cell may take that this run executes twice: 0 for none."""
    setting = os.environ.get("COURSE_CELLS", "")
    return float(setting.partition("=")[2] or "inf") if setting.startswith("twice") else 0


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item):
    """Run a cell once more, if this run asks for it: it may print something else, but not fail."""
    began = time.monotonic()
    result = yield
    seconds = time.monotonic() - began
    if isinstance(item, IPyNbCell) and seconds < longest_to_run_twice():
        try:
            item.runtest()
        except Exception as error:
            if hasattr(error, "inner_traceback"):  # nbval shows this, and no note
                error.inner_traceback = f"The cell runs, but not a second time: {error}\n" + str(
                    error.inner_traceback
                )
            raise
    return result


def pytest_collectstart(collector: pytest.Collector) -> None:
    """Compare the text of figures and players (their alternative text), not their bytes."""
    if isinstance(collector, IPyNbFile):
        collector.skip_compare = (*collector.skip_compare, "text/html", "image/svg+xml")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run, but do not compare, what depends on a corpus that is not the stored one."""
    for item in items:
        if isinstance(item, IPyNbCell):
            tags = item.cell.metadata.get("tags", [])
            if longest_to_run_twice() or ("corpus-output" in tags and not compared_corpus()):
                item.options["check"] = False
