"""Ask every link of the course that leads elsewhere whether it still does; standard library only.

A link is dead if its host says 404 or 410, or is not found, twice. A host that asks for
patience, or lets no program in, says nothing about the link.
"""

import json
import re
import sys
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LINK = re.compile(r"https?://[^\s<>\"'`)\]}|\\]+")
NOT_ASKED = re.compile(r"https?://(?:HUB|127\.0\.0\.1|localhost|example\.org|[^/]*…)")


def links(root: Path) -> dict[str, list[str]]:
    """Return each address in the pages of the course, with the pages that have it."""
    found: dict[str, list[str]] = {}
    pages = [*root.glob("*.md"), *root.glob("data/**/*.md"), *root.glob("notebooks/**/*.ipynb")]
    for page in sorted(pages):
        text = page.read_text(encoding="utf-8")
        if page.suffix == ".ipynb":
            cells = json.loads(text)["cells"]
            text = "\n".join("".join(c["source"]) for c in cells if c["cell_type"] == "markdown")
        for address in LINK.findall(text):
            address = address.rstrip(".,;:*")
            if not NOT_ASKED.match(address):
                found.setdefault(address, []).append(page.relative_to(root).as_posix())
    return found


def dead(address: str, tries: int = 2, wait: float = 5) -> str:
    """Return why an address leads nowhere; nothing if it does, or if that cannot be known."""
    why = ""
    for number in range(tries):
        time.sleep(wait if number else 0)
        request = urllib.request.Request(address, headers={"User-Agent": "Mozilla/5.0 (links)"})
        try:
            urllib.request.urlopen(request, timeout=20).close()
            return ""
        except urllib.error.HTTPError as error:
            why = f"{error.code}" if error.code in (404, 410) else ""
        except (OSError, ValueError) as error:
            why = str(error)
        if not why:
            return ""
    return why


def main(root: Path) -> int:
    """Print the dead links, and return how many there are."""
    found = links(root)
    with ThreadPoolExecutor(8) as pool:
        reasons = dict(zip(found, pool.map(dead, found)))
    gone = {address: why for address, why in reasons.items() if why}
    for address, why in gone.items():
        print(f"{address} ({', '.join(sorted(set(found[address])))}): {why}")
    print(f"{len(found)} links, {len(gone)} dead")
    return len(gone)


if __name__ == "__main__":
    sys.exit(min(main(ROOT), 1))
