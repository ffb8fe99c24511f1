"""`make test`: every test, in the order in which a failure is cheapest to see.

Further arguments go to pytest, for example ``tests/run_all.py -k recorder``.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
UNITS = ["tests", "--ignore=tests/browser", "--ignore=tests/exercises"]
CHAPTERS = ["--nbval", "notebooks", "--ignore=notebooks/exercises"]
NOTEBOOKS = [*CHAPTERS, "-n", "2", "--dist", "loadfile", "--nbval-cell-timeout=240"]


def run_pytest(title: str, arguments: list[str], **environment: str) -> bool:
    """Run pytest once; return whether it passed."""
    print(f"\n=== {title}", flush=True)
    start = time.monotonic()
    code = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", *arguments, *sys.argv[1:]],
        cwd=ROOT,
        env={**os.environ, **environment},
    ).returncode
    print(f"=== {title}: {'passed' if code == 0 else 'FAILED'}, {time.monotonic() - start:.0f} s")
    return code == 0 or (code == 5 and len(sys.argv) > 1)  # 5: a filter left no test


def main() -> int:
    parts = [
        run_pytest("units, guards, links, spelling", UNITS),
        run_pytest("notebooks, against their stored outputs", NOTEBOOKS),
        run_pytest("notebooks, with the embedded corpus", NOTEBOOKS, COURSE_CORPUS="embedded"),
        run_pytest("exercises, with right and wrong answers", ["tests/exercises"]),
        run_pytest("browser", ["tests/browser"]),
    ]
    return 0 if all(parts) else 1


if __name__ == "__main__":
    sys.exit(main())
