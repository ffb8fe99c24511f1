"""Install what the test of a hub needs, into build/hub/; ``make test`` then runs that test.

    .venv/bin/python tests/hub/prepare.py

JupyterHub and nbgitpuller get an environment of their own, which sees the course's packages:
.venv stays as it is. Their versions and hashes are in requirements.lock, those of the hub's
proxy, which needs Node.js and npm, in package-lock.json.
"""

from __future__ import annotations

import filecmp
import shutil
import site
import subprocess
import sys
import time
import venv
from pathlib import Path

HERE = Path(__file__).resolve().parent
TARGET = HERE.parents[1] / "build" / "hub"
LOCKS = ("requirements.lock", "package.json", "package-lock.json")


def main() -> None:
    """Install it, unless it is there already."""
    if not shutil.which("npm"):
        sys.exit("The hub's proxy needs Node.js and npm: install them, then run this again.")
    done = TARGET / "complete"
    if done.is_dir() and all(
        (done / name).is_file() and filecmp.cmp(HERE / name, done / name, shallow=False)
        for name in LOCKS
    ):
        return
    begin = time.monotonic()
    shutil.rmtree(TARGET, ignore_errors=True)
    venv.create(TARGET / "venv", with_pip=True, symlinks=True)
    version = "python{}.{}".format(*sys.version_info[:2])
    packages = TARGET / "venv" / "lib" / version / "site-packages"
    folders = site.getsitepackages()
    lines = [f"import site; site.addsitedir({folder!r})\n" for folder in folders]
    (packages / "course.pth").write_text("".join(lines), encoding="utf-8")
    pip = [TARGET / "venv" / "bin" / "python", "-m", "pip", "install", "--require-hashes"]
    pip += ["--only-binary=:all:", "--quiet", "--disable-pip-version-check", "--no-input"]
    subprocess.run([*pip, "-r", HERE / "requirements.lock"], check=True)
    for name in LOCKS[1:]:
        shutil.copy(HERE / name, TARGET)
    npm = ["npm", "ci", "--silent", "--ignore-scripts", "--no-audit", "--no-fund"]
    subprocess.run(npm, cwd=TARGET, check=True)
    done.mkdir()
    for name in LOCKS:
        shutil.copy(HERE / name, done)
    print(f"JupyterHub, nbgitpuller and the proxy: installed in {time.monotonic() - begin:.0f} s.")


if __name__ == "__main__":
    main()
