"""The newest packages that still say they are compatible, for the weekly run.

    python .github/newest.py loosen   # pyproject.toml: ==3.15.1 becomes >=3.15.1,<4
    make lock LOCK_ARGS=--upgrade     # takes the newest of these
    python .github/newest.py pin      # pyproject.toml and environment.yml: what the lock took

What then differs is what an update of the course would change.
"""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCKS = ("requirements.lock", "tests/hub/requirements.lock")


def loosened(text: str) -> str:
    """Return pyproject.toml with ranges in the place of exact versions."""

    def wider(found: re.Match) -> str:
        name, major, rest = found["name"], int(found["major"]), found["rest"]
        below = f"{major + 1}"
        if major == 0:  # there the second number says what is compatible
            below = f"0.{int(rest.split('.')[1]) + 1}"
        return f'"{name}>={major}{rest},<{below}'

    exact = r'(?<=\n    )"(?P<name>[\w-]+)==(?P<major>\d+)(?P<rest>[\d.]*)'
    return re.sub(exact, wider, text)


def pinned(text: str, versions: dict[str, str]) -> str:
    """Return pyproject.toml or environment.yml with the versions of the lock."""

    def exact(found: re.Match) -> str:
        name = re.sub(r"[-_.]+", "-", found["name"]).lower()
        return f"{found['begin']}{found['name']}=={versions.get(name, found['version'])}"

    ranges = r'(?P<begin>\n    "|\n +# - "?)(?P<name>[\w-]+)[=>]=(?P<version>[\d.]+)(?:,<[\d.]+)?'
    return re.sub(ranges, exact, text)


def locked(root: Path) -> dict[str, str]:
    """Return the version of each package in the locks."""
    found: dict[str, str] = {}
    for name in reversed(LOCKS):
        text = (root / name).read_text(encoding="utf-8")
        found |= dict(re.findall(r"^([a-z0-9-]+)==([^ ;]+)", text, flags=re.M))
    return found


def main(step: str, root: Path = ROOT) -> None:
    """Change the files in place."""
    files = ("pyproject.toml",) if step == "loosen" else ("pyproject.toml", "environment.yml")
    for name in files:
        text = (root / name).read_text(encoding="utf-8")
        text = loosened(text) if step == "loosen" else pinned(text, locked(root))
        (root / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    if sys.argv[1:] not in (["loosen"], ["pin"]):
        sys.exit(__doc__)
    main(sys.argv[1])
