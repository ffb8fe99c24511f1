"""Set the course up: make `.venv` and install `requirements.lock` into it.

Run it with Python 3.11, 3.12 or 3.13, from anywhere: `python3 course_utils/setup/bootstrap.py`.
`make lab` and `make test` do so. It needs the standard library only, does nothing when nothing
has changed, and goes on where it stopped when it was interrupted.
"""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import time

__all__ = ["main"]

OLDEST, NEWEST = (3, 11), (3, 13)
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__))))
NEEDED_BYTES = 4.0e9  # measured: .venv 2.8e9, the downloads 0.6e9, and pip keeps a copy of these
STAMP = "course-stamp"  # in .venv, written last: what is installed there
AGAIN = "then run the same command again"

# What pip says when it fails, and what to tell the student: the first pattern found decides.
FAILURES = (
    (r"No space left|not enough space|quota exceeded",
     f"The disk is full, or your quota on it is: the course needs {NEEDED_BYTES / 1e9:.0f} GB. "
     f"Make room, {AGAIN}."),
    (r"DO NOT MATCH THE HASHES",
     "A downloaded package is not the one the course was tested with: the download is damaged, "
     f"or something on the way changed it. Run `{{python}} -m pip cache purge`, {AGAIN}."),
    (r"connection (broken|error)|NewConnectionError|name resolution|ProxyError|SSLError|timed out|"
     r"Could not fetch|ConnectionReset|IncompleteRead|HTTP ?error|Max retries",
     "The Python package index cannot be reached: check the network and the proxy settings, "
     f"{AGAIN}; it goes on where it stopped."),
    (r"Long Path",
     "Windows does not allow the long file names that the packages have: enable long paths "
     f"(Microsoft's manual, 'Maximum Path Length Limitation'), {AGAIN}."),
    (r"No matching distribution found for (?P<package>\S+)",
     "There is no build of {package} for this machine and this Python: the course runs on "
     "64-bit Linux and Windows, and on Macs with Apple silicon and macOS 14 or later."),
    (r"Permission denied|Access is denied|Read-only file system",
     "Not allowed to write in {venv}: close JupyterLab if it is open, and put the course into "
     f"a folder of your own, {AGAIN}."),
)  # fmt: skip


def python_problem(version):
    """Say in one line why a Python of this version cannot run the course; empty if it can."""
    if OLDEST <= tuple(version[:2]) <= NEWEST:
        return ""
    return (
        "This course needs Python 3.11, 3.12 or 3.13; this is Python "
        + ".".join(str(part) for part in version[:3])
        + ". Install one of them, then run: make lab PYTHON=python3.12"
    )


def disk_problem(venv, disk_usage=shutil.disk_usage):
    """Say in one line that the disk has no room for what `venv` still lacks; empty if it has."""
    files = (os.path.join(folder, name) for folder, _, names in os.walk(venv) for name in names)
    lacking = max(NEEDED_BYTES - sum(os.lstat(file).st_size for file in files), 0.1e9)
    place = venv if os.path.isdir(venv) else os.path.dirname(venv)
    free = disk_usage(place).free
    if free >= lacking:
        return ""
    return (
        f"The disk is too full: the set-up needs {lacking / 1e9:.1f} GB and {free / 1e9:.1f} GB "
        f"are free in {place}. Make room, {AGAIN}."
    )


def explain(output, venv):
    """Turn what pip, venv or the system said when it failed into one line."""
    for pattern, advice in FAILURES:
        found = re.search(pattern, output, re.IGNORECASE)
        if found:
            return advice.format(python=venv_python(venv), venv=venv, **found.groupdict())
    errors = [line for line in output.splitlines() if "error" in line.lower()]
    return "The set-up failed: " + (errors or [output])[-1].strip()


def venv_python(venv):
    """Say where the Python of a virtual environment lies."""
    return os.path.join(venv, "Scripts\\python.exe" if os.name == "nt" else "bin/python")


def site_packages(venv):
    """Say where the packages of a virtual environment for the running Python lie."""
    version = "python{}.{}".format(*sys.version_info[:2])
    return os.path.join(venv, "Lib" if os.name == "nt" else "lib/" + version, "site-packages")


def fingerprint(venv, lock):
    """Return all that a complete set-up depends on; it is stored in the stamp."""
    with open(lock, "rb") as file:
        wanted = hashlib.sha256(file.read()).hexdigest()
    packages = sorted(name for name in os.listdir(site_packages(venv)) if "-info" in name)
    present = hashlib.sha256("\n".join(packages).encode()).hexdigest()
    return f"lock {wanted}\npackages {present}\nplace {venv}\n"


def up_to_date(venv, lock):
    """Tell whether `venv` is complete: for this Python, in this place, with this lock."""
    try:
        with open(os.path.join(venv, STAMP), encoding="utf-8") as file:
            return os.path.exists(venv_python(venv)) and file.read() == fingerprint(venv, lock)
    except OSError:
        return False


def repairable(venv):
    """Tell whether `venv` was made here, for this Python, and has a pip that starts."""
    try:
        with open(os.path.join(venv, "pyvenv.cfg"), encoding="utf-8") as file:
            made = dict(line.strip().partition(" = ")[::2] for line in file)
        if not made["version"].startswith("{}.{}.".format(*sys.version_info[:2])):
            return False
        pip = [venv_python(venv), "-I", "-m", "pip", "--version"]
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        return made["command"].endswith(" " + venv) and subprocess.call(pip, **quiet) == 0
    except (OSError, KeyError):
        return False


def make_venv(venv):
    """Make an empty virtual environment, or exit with the reason why that cannot be done."""
    try:
        import ensurepip  # noqa: F401
    except ImportError:
        sys.exit(
            f"{sys.executable} cannot make virtual environments: it has no module ensurepip. On "
            f"Debian and Ubuntu: `sudo apt install python3.{sys.version_info[1]}-venv`, {AGAIN}."
        )
    # The Python that is installed, not its link in the .venv that is about to be remade.
    base = os.path.realpath(getattr(sys, "_base_executable", sys.executable))
    command = [base, "-m", "venv", "--clear", venv]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode:
        sys.exit(explain(done.stdout, venv))


def remove_half_installed(folder):
    """Remove what an interrupted pip left: it takes a package without RECORD for installed."""
    for name in os.listdir(folder):
        path = os.path.join(folder, name)
        torn = name.endswith(".dist-info") and not os.path.exists(os.path.join(path, "RECORD"))
        if torn or name.startswith("~"):
            shutil.rmtree(path, ignore_errors=True)


def install(venv, lock, build):
    """Install the lock with pip: a line of progress on the screen, the rest in setup.log."""
    log, scratch = os.path.join(build, "setup.log"), os.path.join(build, "setup-tmp")
    shutil.rmtree(scratch, ignore_errors=True)
    os.makedirs(scratch)  # on the disk that was checked, where /tmp may be small
    with open(lock, encoding="utf-8") as file:
        total = sum(line[0].isalnum() for line in file)
    command = [venv_python(venv), "-I", "-m", "pip", "install", "--require-hashes", "-r", lock]
    command += "--only-binary=:all: --no-user --no-input --no-color --progress-bar=off".split()
    command += "--disable-pip-version-check --retries=2".split()
    pipe = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    utf8 = {"encoding": "utf-8", "errors": "replace"}
    pip = subprocess.Popen(command, env=dict(os.environ, TMPDIR=scratch), **pipe, **utf8)
    count, said = 0, []
    with open(log, "w", **utf8) as file:
        for line in pip.stdout:
            file.write(line)
            said.append(line)
            count += line.startswith(("Collecting", "Requirement already satisfied"))
            if sys.stdout.isatty() and line.lstrip().startswith(("Collecting", "Downloading")):
                print(f"\r  {count} of about {total}: {line.strip():<60.60}", end="", flush=True)
            if line.startswith("Installing collected"):
                print(f"\r{'Unpacking them takes 1 to 3 minutes ...':<79}", flush=True)
    shutil.rmtree(scratch, ignore_errors=True)
    if pip.wait():
        sys.exit(explain("".join(said), venv) + f" (All that pip said: {log})")


def finish(venv, lock):
    """Make course_utils importable, keep JupyterLab from asking about news, and write the stamp."""
    with open(os.path.join(site_packages(venv), "course.pth"), "w") as file:
        file.write(os.path.relpath(ROOT, site_packages(venv)))
    settings = os.path.join(venv, "share", "jupyter", "lab", "settings")
    os.makedirs(settings, exist_ok=True)
    quiet = {"fetchNews": "false", "checkForUpdates": False}
    with open(os.path.join(settings, "overrides.json"), "w") as file:
        json.dump({"@jupyterlab/apputils-extension:notification": quiet}, file)
    with open(os.path.join(venv, STAMP), "w", encoding="utf-8") as file:
        file.write(fingerprint(venv, lock))


def main():
    """Bring `.venv` up to date with `requirements.lock`, or say in one line what is wrong."""
    start = time.time()
    venv, lock = os.path.join(ROOT, ".venv"), os.path.join(ROOT, "requirements.lock")
    problem = python_problem(sys.version_info)
    if not problem and up_to_date(venv, lock):
        return
    problem = problem or disk_problem(venv)
    if problem:
        sys.exit(problem)
    if os.path.exists(os.path.join(venv, STAMP)):
        os.remove(os.path.join(venv, STAMP))
    if not repairable(venv):
        print("Making .venv for Python {}.{} ...".format(*sys.version_info[:2]), flush=True)
        make_venv(venv)
    remove_half_installed(site_packages(venv))
    print("Getting the packages of the course: about 0.6 GB, the first time ...", flush=True)
    install(venv, lock, os.path.join(ROOT, "build"))
    finish(venv, lock)
    print(f"Set up in {time.time() - start:.0f} s.", flush=True)


if __name__ == "__main__":
    for stream in (sys.stdout, sys.stderr):  # a console may lack letters of a folder's name
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(f"\nStopped. To go on, {AGAIN[5:]}.")
    except OSError as error:  # the disk is full, the folder is not ours, ...
        sys.exit(explain(str(error), os.path.join(ROOT, ".venv")))
