"""`make benchmark`: list what changed since it was measured, and measure that again.

    python -m tests.benchmarks [--list] [--stale] [--busy] [--store] [--resume]
                               [--seeds 0 1 2] [--cluster HOST:PORT | --processes N] [group …]

Run it in the course's folder. Each row of data/results.json keeps the hash of the recipe that
it was measured by; when a recipe, the recordings, a network or the front end change, the hash
differs, and the row is stale. Without a group the stale rows are listed and measured again,
and no others. A group's name measures all of it, `all` everything, which takes about eight
hours on two cores: `strings` three, `unknown` and `ablation` two each, the others one in all.
`--stale` measures of the groups named only what is stale, `--list` measures nothing. `--busy` also
times again the trainings that waited for other work on the machine: each part once, with the
first seed and alone, and what was learned stays as it is.

A table is printed and build/benchmark.json written. `--store` also puts the rows into
data/results.json, which the chapters show. Every finished training is kept at once, so a run
that was interrupted loses nothing: `--resume` goes on where it stopped. No choice is made here
on a test set: see `folds`.

Trainings do not depend on each other. `--cluster`, or COURSE_CLUSTER, gives the address of a Ray
cluster whose machines share them (course_utils/setup/cluster.py says how to start one), and
`--processes` how many run side by side on this machine. What is measured without a training is
always measured here.
"""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Sequence

from course_utils.corpora import CorpusError
from course_utils.paths import RESULTS_FILE
from course_utils.setup.cluster import ClusterError, cluster_address
from tests.benchmarks import trainings
from tests.benchmarks.groups import (
    GROUPS,
    UNITS,
    Measurement,
    Unit,
    badly_timed,
    stale,
    unclaimed,
)
from tests.benchmarks.plans import Plan
from tests.benchmarks.rows import ROWS_FILE, read, row, save, table

# TensorFlow warns that each new network compiles its functions anew; that is wanted
logging.getLogger("tensorflow").setLevel(logging.ERROR)

GO_ON = "The same command with --resume goes on where it stopped."
SEVERAL = {"digits": ("official", "unknown", "embedded"), "all": GROUPS}


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    names = (*GROUPS, *SEVERAL)
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks", description=__doc__.splitlines()[0]
    )
    parser.add_argument("groups", nargs="*", metavar="group", help=", ".join(names))
    parser.add_argument("--list", action="store_true", help="list what is stale, measure nothing")
    parser.add_argument("--stale", action="store_true", help="only what is stale")
    parser.add_argument("--busy", action="store_true", help="time again what had to wait")
    parser.add_argument("--store", action="store_true", help=f"also write {RESULTS_FILE.name}")
    parser.add_argument("--resume", action="store_true", help="keep the trainings that are there")
    parser.add_argument("--seeds", nargs="+", type=int, default=[0, 1, 2])
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--cluster", default=cluster_address(), help="share the trainings out")
    where.add_argument("--processes", type=int, default=1, help="trainings side by side, here")
    options = parser.parse_args(arguments)
    for name in options.groups:
        if name not in names:
            parser.error(f"there is no group {name!r}; choose from {', '.join(names)}")
    return options


def list_stale(found: dict[Unit, str]) -> None:
    """Say which rows are stale."""
    for unit, reason in found.items():
        print(f"{unit}: {reason}")
    for entry in unclaimed(read(RESULTS_FILE)):
        print(f"{entry['group']}: {entry['model']}: nothing measures this row any more; remove it")
    print(f"{len(found)} of {len(UNITS)} measurements are stale." if found else "Nothing is stale.")


def measure(measurement: Measurement, store: bool) -> None:
    """Measure what needs no training, and keep its rows."""
    about = {"group": measurement.group, "task": measurement.task}
    made_by = {"recipe": measurement.group, "recipe_hash": measurement.hash()}
    found = [row(**about, **made_by, **measured) for measured in measurement.measure()]
    save(found, measurement.owns, store)


def main(arguments: Sequence[str] | None = None) -> None:
    """List, measure, print."""
    options = parse(arguments)
    groups = {group for name in options.groups for group in SEVERAL.get(name, (name,))}
    chosen, again = [unit for unit in UNITS if unit.group in groups or not groups], []
    if options.list or options.stale or options.busy or not groups:
        stored = read(RESULTS_FILE)
        found = stale(chosen, stored)
        waited = badly_timed(chosen, stored) if options.busy else {}
        list_stale(found | waited)
        chosen, again = ([], []) if options.list else (list(found), list(waited))
    try:
        for unit in chosen:
            if isinstance(unit, Measurement):
                measure(unit, options.store)
        plans = [unit for unit in chosen if isinstance(unit, Plan)]
        how = {"cluster": options.cluster, "processes": options.processes, "title": "trainings"}
        if plans:
            trainings.measure(plans, options.seeds, options.store, options.resume, **how)
        for plan in again:
            trainings.time_again(plan, options.seeds[0], options.store)
    except CorpusError as error:
        sys.exit(f"The benchmark needs both corpora. {error}")
    except ClusterError as error:
        sys.exit(f"The trainings cannot be shared out: {error}. {GO_ON}")
    except KeyboardInterrupt:
        sys.exit(f"\nStopped. Every finished training is kept. {GO_ON}")
    if units := [*chosen, *again]:
        rows = read(ROWS_FILE)
        print(table(entry for entry in rows if any(unit.owns(entry) for unit in units)))
        if not options.store:
            print(f"These rows are in {ROWS_FILE}; --store puts them into {RESULTS_FILE.name}.")


if __name__ == "__main__":
    main()
